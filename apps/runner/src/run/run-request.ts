import type { RunRequest } from '@ctxlock/contracts/call'

import type { CallSubject } from '../governed-call/call-subject.ts'

/** What a run was asked, as it is kept. */
export function runRequest(
  runId: string,
  subjects: readonly CallSubject[],
  without: readonly string[],
  rerunOf?: string,
): RunRequest {
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
  }
}

/** What is to be called again. */
export function requestedSubjects({ subjects }: RunRequest): CallSubject[] {
  return subjects.map(({ wp_id, ...subject }) => ({ ...subject, wpId: wp_id }))
}
