import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { QUESTION_WP_ID, type CallSubject } from '../governed-call/call-subject.ts'
import type { CommandContext } from './command-context.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'
import type { CallCommandOptions } from './call-options.ts'
import { runSubjects } from './run-subjects.ts'
import { workspaceOf } from './workspace-of.ts'

interface AskOptions extends CallCommandOptions {
  readonly file: readonly string[]
}

const MAX_QUESTION_TOKENS = 1000

/** `ctxlock ask`: one governed call over the sources. */
export async function ask([question = '']: readonly string[], context: CommandContext<AskOptions>): Promise<number> {
  checkQuestion(question)
  const root = workspaceOf(context)
  const files = context.options.file.map((path) => pathInWorkspace(root, process.cwd(), path, '--file'))
  return runSubjects('ask', context, ({ config }) => ({ subjects: [askSubject(question, files, config)] }))
}

function checkQuestion(question: string): void {
  const tokens = codePointsPerFour.count(question)
  if (question.trim() !== '' && question.isWellFormed() && tokens <= MAX_QUESTION_TOKENS) return
  const isEmpty = question.trim() === ''
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'QUESTION_INVALID',
    message: isEmpty
      ? 'the question is empty'
      : `the question must be valid text of at most ${MAX_QUESTION_TOKENS} tokens; got about ${tokens}`,
    hint: isEmpty
      ? 'For example: ctxlock ask "How are sources hashed?"'
      : 'Put longer text into a file of the workspace and name it with --file.',
  })
}

/** A question is a micro-task that changes nothing and is done when its quotations hold. */
export function askSubject(question: string, files: readonly string[], config: ResolvedConfig): CallSubject {
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
