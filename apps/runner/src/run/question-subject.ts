import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'

import { QUESTION_WP_ID, type CallSubject } from '../governed-call/call-subject.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** A question is a micro-task that changes nothing and is done when its quotations hold. */
export function questionSubject(question: string, files: readonly string[], config: ResolvedConfig): CallSubject {
  const definition: MicroTaskDefinition = {
    mt_id: 'MT-001',
    name: 'Answer a question about the sources',
    scope: 'Answer the question that follows the sources.',
    files: { read: [...files], modify: [], create: [] },
    actions: ['Find the passages that answer the question.', 'Quote them, then answer in your own words.'],
    verify: [],
    done: [
      {
        description: 'Every statement rests on a quotation that stands in the named file.',
        verification: 'evidence_required',
      },
    ],
    depends_on: [],
    token_budget: 4096,
    task_tags: [],
    risk_level: 'low',
    execution_tier: 'local_small',
    allowed_tools: [],
    retry_budget: 0,
    expected_output: 'structured_answer',
  }
  const [role] = config.roles
  if (!role) throw new TypeError('a resolved config has a role')
  return { role, wpId: QUESTION_WP_ID, definition, scope: [], question, iteration: 1 }
}
