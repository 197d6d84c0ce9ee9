import type { RunRequest } from '@ctxlock/contracts/call'

import type { CallSubject } from '../governed-call/call-subject.ts'

/** What a run was asked, as it is kept. */
export function runRequest(runId: string, { subjects, without, rerunOf, options }: RequestedRun): RunRequest {
  return {
    schema_version: 'ctxlock.run_request@1',
    run_id: runId,
    subjects: subjects.map(({ role, wpId, definition, scope, question, iteration }) => ({
      role,
      wp_id: wpId,
      definition,
      scope: [...scope],
      question,
      iteration,
    })),
    without: [...without],
    ...(rerunOf !== undefined && { rerun_of: rerunOf }),
    options,
  }
}

interface RequestedRun {
  readonly subjects: readonly CallSubject[]
  readonly without: readonly string[]
  readonly rerunOf: string | undefined
  readonly options: NonNullable<RunRequest['options']>
}

/** What is to be called again. */
export function requestedSubjects({ subjects }: RunRequest): CallSubject[] {
  return subjects.map(({ wp_id, ...subject }) => ({ ...subject, wpId: wp_id }))
}
