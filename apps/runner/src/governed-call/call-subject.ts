import type { MutationFence } from '@ctxlock/ace-validators/poisoning'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { RoleConfig } from '@ctxlock/contracts/config'
import { canonicalHash } from '@ctxlock/core-hash'
import type { TaskFacts } from '@ctxlock/governance'

/** The work packet of a question, which is no task. */
export const QUESTION_WP_ID = 'ask'

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
  /** The attempt of the executor that the call is made for; without one the call is all there is. */
  readonly attempt?: Attempt
}

/** What an attempt adds to a call (spec 08 section 5). */
export interface Attempt {
  readonly level: number
  /** The model of the level; undefined where the profile says which one serves the role. */
  readonly modelId: string | undefined
  /** Calls made before it for the same micro-task, and what was wrong with the last one; for whoever has to consent. */
  readonly localAttempts: number
  readonly lastError: string | undefined
  /** What the model is told about where the work stands. */
  readonly context: string
  /** Of the last answer: text of a model, untrusted like a source. */
  readonly previousOutput: string | undefined
  /** What was wrong with it; may quote it, and is as untrusted. */
  readonly lastFault: string | undefined
  /** The end of what the first check printed that failed last time: text of a program over a model's edits, untrusted too. */
  readonly failedCheck: string | undefined
  /** Sections that were longer than their budget. */
  readonly cut: readonly ('iteration_context' | 'previous_output')[]
  /** How the answer has to say what it claims; undefined where the answer itself is the claim. */
  readonly protocol: string | undefined
}

/** True for an attempt of the executor at changing files, which has to see them as they are. */
export function editsFiles({ attempt, definition: { files } }: Pick<CallSubject, 'attempt' | 'definition'>): boolean {
  return attempt !== undefined && files.modify.length + files.create.length > 0
}

/** What the rules in force are chosen by: every path the work may touch, and the files it names. */
export function governedPaths({ scope, definition: { files } }: Pick<CallSubject, 'scope' | 'definition'>): string[] {
  return [...scope, ...files.read, ...files.modify, ...files.create]
}

/** What the overrides of a profile are chosen by: the task's tags, and the files it changes (PROV-065). */
export function taskFacts({ definition: { task_tags, files } }: Pick<CallSubject, 'definition'>): TaskFacts {
  return { taskTypes: task_tags, files: [...files.modify, ...files.create] }
}

/** What the work is, whoever tries it and however often: what a run is gone on with has to be the same. */
export function subjectHash({ role, wpId, definition, scope, question }: CallSubject): string {
  return canonicalHash({ role, wpId, definition, scope, question })
}

/** The ids every record of one call carries. */
export interface CallIds {
  /** Every write in the name of the job is checked against it, inside its own transaction (VAL-069). */
  readonly fence: MutationFence
  readonly runId: string
  readonly jobId: string
  /** Of a child job: the one that escalates, whose limit counts (PROV-050 C3). */
  readonly parentJobId?: string
  readonly stepId: string
  /** Of the run; a consent is bound to it. */
  readonly sessionId: string
  /** Of one iteration of the executor, which is a conversation of its own (MT-068). */
  readonly iterationSessionId?: string
  /** Of a child run: the session of its parent. */
  readonly parentSessionId?: string
  readonly traceId: string
  readonly callId: string
}

/** The conversation a call belongs to. */
export function modelSessionId({
  iterationSessionId,
  sessionId,
}: Pick<CallIds, 'iterationSessionId' | 'sessionId'>): string {
  return iterationSessionId ?? sessionId
}
