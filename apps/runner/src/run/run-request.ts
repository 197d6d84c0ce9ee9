import type { RunRequest } from '@ctxlock/contracts/call'
import { MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import type { CallSubject } from '../governed-call/call-subject.ts'
import { readRecord } from '../session/stored-records.ts'

/** What a run was asked, as it is kept. */
export function runRequest(
  runId: string,
  { subjects, definitions, without, rerunOf, options }: RequestedRun,
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
    ...(definitions && { definitions }),
    without: [...without],
    ...(rerunOf !== undefined && { rerun_of: rerunOf }),
    options,
  }
}

interface RequestedRun {
  readonly subjects: readonly CallSubject[]
  readonly definitions: ArtifactHandle | undefined
  readonly without: readonly string[]
  readonly rerunOf: string | undefined
  readonly options: NonNullable<RunRequest['options']>
}

/** What is to be called again, with the definitions artifact it works off. Throws what `storedDefinitions` throws. */
export function requestedWork(session: Parameters<typeof readRecord>[0], request: RunRequest) {
  const definitions = storedDefinitions(session, request)
  return {
    subjects: request.subjects.map(({ wp_id, ...subject }): CallSubject => ({ ...subject, wpId: wp_id })),
    ...(definitions && { definitions }),
  }
}

/** The artifact a recorded run works off; undefined for a question. Throws `RECORD_INVALID`, and what the store throws for a damaged one. */
export function storedDefinitions(
  session: Parameters<typeof readRecord>[0],
  { definitions }: RunRequest,
): MicroTaskDefinitions | undefined {
  return definitions && readRecord(session, definitions, MicroTaskDefinitions)
}
