import type { KeyObject } from 'node:crypto'

import type { EventDraft } from '@ctxlock/contracts/events'
import { keyedDigest } from '@ctxlock/core-hash'

import { REPORT_DIGEST } from '../../workspace/digest-domains.ts'

type CallReport = Omit<Extract<EventDraft, { type: 'ace_call_report' }>['payload'], 'guard_report'>

/** The report of a call with keyed digests for every hash that the words of the prompt are behind: a stranger could try them. */
export function keyedReport(key: Uint8Array | KeyObject, report: CallReport): CallReport {
  const keyed = (hash: string) => keyedDigest(key, REPORT_DIGEST, hash)
  const { prompt_envelope_hashes: envelope, query_plan, retrieval_trace, normalized_query_hash } = report
  return {
    ...report,
    snapshot_hash: keyed(report.snapshot_hash),
    scope_inputs_hash: keyed(report.scope_inputs_hash),
    prompt_envelope_hashes: {
      ...envelope,
      variable_suffix_hash: keyed(envelope.variable_suffix_hash),
      full_prompt_hash: keyed(envelope.full_prompt_hash),
    },
    ...(query_plan && { query_plan: { ...query_plan, hash: keyed(query_plan.hash) } }),
    ...(retrieval_trace && { retrieval_trace: { ...retrieval_trace, hash: keyed(retrieval_trace.hash) } }),
    ...(normalized_query_hash !== undefined && { normalized_query_hash: keyed(normalized_query_hash) }),
  }
}
