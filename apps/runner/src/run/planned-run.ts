import type { MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import { canonicalHash } from '@ctxlock/core-hash'

import type { CallSubject } from '../governed-call/call-subject.ts'

/** What a run is about. */
export interface PlannedRun {
  readonly subjects: readonly CallSubject[]
  /** What the subjects of a task are made of (MT-002). */
  readonly definitions?: MicroTaskDefinitions
  /** Candidates that are left out: their ids, or how these begin. */
  readonly without?: readonly string[]
  readonly rerunOf?: string
}

/** What a job is begun for, by hash. */
export function inputsHash({ subjects, without = [] }: PlannedRun): string {
  return canonicalHash([subjects.map(({ definition, question, scope }) => [definition, question, scope]), without])
}
