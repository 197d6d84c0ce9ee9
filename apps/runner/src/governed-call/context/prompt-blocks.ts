import type { ContextBlock } from '@ctxlock/contracts/context'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import type { RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'

import type { CallSubject } from '../call-subject.ts'

/** Order keys of what no file holds: the last answer, what was wrong with it, and what a failed check printed. */
export const PREVIOUS_OUTPUT = '800-previous-output'
export const LAST_FAULT = '820-last-fault'
export const FAILED_CHECK = '850-failed-check'

/** The stable prefix: the rules, whole and unmodified (CP-045), then the task. Nothing of it changes between calls of a task. */
export function prefixBlocks(rolePack: RoleContextPack, workUnit: WorkUnitContextPack): ContextBlock[] {
  return [rulesBlock(rolePack), taskBlock(workUnit)]
}

/** The rule files are named, because their text is as confidential as they are (VAL-032). */
function rulesBlock({ strict_rules, role_id, sources }: RoleContextPack): ContextBlock {
  const rules = strict_rules.map(({ text }) => `- ${text.replaceAll('\n', ' ')}`)
  const files = sources.filter(({ source_id }) => pathOfSourceId(source_id) !== undefined)
  return {
    ...trusted('rules', '100-rules', `# Rules for the role ${role_id}\n\n${rules.join('\n')}`),
    source_refs: files.map(({ source_id, source_hash }) => ({ kind: 'span', id: source_id, hash: source_hash })),
  }
}

function taskBlock(workUnit: WorkUnitContextPack): ContextBlock {
  return trusted('task', '200-task', taskText(workUnit))
}

export function taskText({ task, files }: WorkUnitContextPack): string {
  const named = [...files.modify, ...files.read, ...files.create]
  const lines = [
    `# Task: ${task.title}`,
    '',
    task.scope,
    '',
    ...task.actions.map((action, index) => `${index + 1}. ${action}`),
    ...(named.length === 0 ? [] : ['', `Files: ${named.join(', ')}`]),
  ]
  return lines.join('\n')
}

/** What an attempt is told beside the files: where the work stands, what came back last time, and how to answer (MT-023). */
export function attemptBlocks({ attempt }: CallSubject): ContextBlock[] {
  if (!attempt) return []
  const { context, previousOutput, lastFault, failedCheck, protocol } = attempt
  return [
    trusted('user_input', '250-iteration', context),
    ...(previousOutput === undefined ? [] : [fromTool(PREVIOUS_OUTPUT, previousOutput)]),
    ...(lastFault === undefined ? [] : [fromTool(LAST_FAULT, lastFault)]),
    ...(failedCheck === undefined ? [] : [fromTool(FAILED_CHECK, failedCheck)]),
    ...(protocol === undefined ? [] : [trusted('user_input', '950-protocol', protocol)]),
  ]
}

/** Scanned like evidence (VAL-042). */
function fromTool(order_key: string, content: string): ContextBlock {
  return { ...trusted('tool_delta', order_key, content), sensitivity: 'medium' }
}

/** What stands in the suffix whatever is found. */
export function pinnedTexts(subject: CallSubject): string[] {
  return [questionBlock(subject), ...attemptBlocks(subject)].map(({ content }) => content)
}

/** What the person wrote, in the variable suffix. */
export function questionBlock({ question }: CallSubject): ContextBlock {
  return trusted('user_input', '900-question', question)
}

function trusted(kind: ContextBlock['kind'], order_key: string, content: string): ContextBlock {
  return { kind, content, source_refs: [], sensitivity: 'low', projection: 'full', order_key }
}
