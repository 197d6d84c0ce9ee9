import type { ContextBlock } from '@ctxlock/contracts/context'
import type { RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'

import type { CallSubject } from './call-subject.ts'

/** The stable prefix: the rules, whole and unmodified (CP-045), then the task. Nothing of it changes between calls of a task. */
export function prefixBlocks(rolePack: RoleContextPack, workUnit: WorkUnitContextPack): ContextBlock[] {
  return [rulesBlock(rolePack), taskBlock(workUnit)]
}

function rulesBlock({ strict_rules, role_id }: RoleContextPack): ContextBlock {
  const rules = strict_rules.map(({ text }) => `- ${text.replaceAll('\n', ' ')}`)
  return trusted('rules', '100-rules', `# Rules for the role ${role_id}\n\n${rules.join('\n')}`)
}

function taskBlock({ task, files }: WorkUnitContextPack): ContextBlock {
  const named = [...files.modify, ...files.read, ...files.create]
  const lines = [
    `# Task: ${task.title}`,
    '',
    task.scope,
    '',
    ...task.actions.map((action, index) => `${index + 1}. ${action}`),
    ...(named.length === 0 ? [] : ['', `Files: ${named.join(', ')}`]),
  ]
  return trusted('task', '200-task', lines.join('\n'))
}

/** What the person wrote, in the variable suffix. */
export function questionBlock({ question }: CallSubject): ContextBlock {
  return trusted('user_input', '900-question', question)
}

function trusted(kind: ContextBlock['kind'], order_key: string, content: string): ContextBlock {
  return { kind, content, source_refs: [], sensitivity: 'low', projection: 'full', order_key }
}
