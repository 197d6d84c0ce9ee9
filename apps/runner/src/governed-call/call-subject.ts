import type { MutationFence } from '@ctxlock/ace-validators/poisoning'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { RoleConfig } from '@ctxlock/contracts/config'
import type { TaskFacts } from '@ctxlock/governance'

/** What one call is about: a question, or one micro-task of a task file. */
export interface CallSubject {
  readonly role: RoleConfig
  readonly wpId: string
  readonly definition: MicroTaskDefinition
  /** Patterns the work may touch and read; retrieval stays inside them. */
  readonly scope: readonly string[]
  /** What the person wrote; stands in the variable suffix. */
  readonly question: string
  readonly iteration: number
}

/** What the rules in force are chosen by: every path the work may touch, and the files it names. */
export function governedPaths({ scope, definition: { files } }: CallSubject): string[] {
  return [...scope, ...files.read, ...files.modify, ...files.create]
}

/** What the overrides of a profile are chosen by: the task's tags, and the files it changes (PROV-065). */
export function taskFacts({ definition: { task_tags, files } }: Pick<CallSubject, 'definition'>): TaskFacts {
  return { taskTypes: task_tags, files: [...files.modify, ...files.create] }
}

/** The ids every record of one call carries. */
export interface CallIds {
  /** Every write in the name of the job is checked against it, inside its own transaction (VAL-069). */
  readonly fence: MutationFence
  readonly runId: string
  readonly jobId: string
  readonly stepId: string
  readonly sessionId: string
  readonly traceId: string
  readonly callId: string
}
