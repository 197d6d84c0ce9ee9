import { RequestManifest } from '@ctxlock/contracts/call'
import { RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { queryEvents } from '@ctxlock/flight-recorder'

import { segmentsOf } from '../../calls/call-segments.ts'
import { readRecord } from '../../session/stored-records.ts'
import { openStoredSession } from '../../session/stored-session.ts'
import type { TrialCopy } from './trial-copy.ts'

/** One request of the run, as the record has it. */
export interface ShownCall {
  readonly call_id: string
  readonly mt_id: string
  readonly model_id: string
  readonly answered: boolean
  /** Bytes of the request, and their SHA-256. */
  readonly bytes: number
  readonly sha256: string
  /** Of the bytes: tokens of passages from files, about four bytes each. */
  readonly evidence_tokens: number
  /** SHA-256 of the rules as they stand in it. */
  readonly rules_sha256: string
}

/** The requests of a run, in the order in which they were made. */
export function shownCalls({ root, variables }: TrialCopy, runId: string): ShownCall[] {
  const session = openStoredSession(root, variables)
  try {
    const { database } = session.state
    const eventsOf = (type: 'call_intent' | 'call_settled') =>
      queryEvents(database, { workflowRunId: runId, type }, { limit: 1000 }).events
    const answered = new Set(
      eventsOf('call_settled').flatMap((event) =>
        event.type === 'call_settled' && event.payload.answer_size !== undefined ? [event.payload.call_id] : [],
      ),
    )
    return eventsOf('call_intent').flatMap((event) => {
      if (event.type !== 'call_intent') return []
      const { call_id, model_id } = event.payload
      const call = session.calls.find(call_id)
      const { payload_bytes, payload_sha256 } = readRecord(session, call.request_manifest, RequestManifest)
      const { spans } = readRecord(session, call.retrieval_trace, RetrievalTrace)
      const rules = segmentsOf(session, call).segments.find(({ segment }) => segment === 'rules')
      return {
        call_id,
        mt_id: event.mt_id ?? '',
        model_id,
        answered: answered.has(call_id),
        bytes: payload_bytes,
        sha256: payload_sha256,
        evidence_tokens: spans.reduce((sum, { token_estimate }) => sum + token_estimate, 0),
        rules_sha256: rules?.hash ?? '',
      }
    })
  } finally {
    session.close()
  }
}
