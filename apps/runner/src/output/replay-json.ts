import type { SourcesAgainst } from '../replay/against.ts'
import type { MissingSource } from '../replay/recorded-sources.ts'
import type { RunReplay } from '../replay/replay-run.ts'
import type { ReplayedCall } from '../replay/tape.ts'
import { WHAT_IT_SHOWS } from './replay-lines.ts'

/** What a replay came to, for programs. */
export function replayJson(
  { runId, calls, decisions, unasked }: Omit<RunReplay, 'recordings'>,
  against: SourcesAgainst | undefined,
): object {
  return {
    run_id: runId,
    calls: calls.map(callJson),
    decisions: { checked: decisions.checked, first_difference: decisions.first },
    unasked,
    ...(against && { against: { checked: against.checked, changed: against.changed.map(sourceJson) } }),
    shows: WHAT_IT_SHOWS,
  }
}

function callJson(call: ReplayedCall): object {
  switch (call.status) {
    case 'same':
      return { status: call.status, call_id: call.callId, fields: call.fields, bytes_compared: call.bytesCompared }
    case 'source_missing':
      return { status: call.status, call_id: call.callId, missing: call.missing.map(sourceJson) }
    case 'miss': {
      const { status, stepId, first, nearest, problem } = call
      return {
        status,
        step_id: stepId,
        first_difference: first,
        nearest: nearest && { call_id: nearest.callId, agreeing: nearest.agreeing, fields: nearest.fields },
        ...(problem !== undefined && { problem }),
      }
    }
  }
}

function sourceJson({ path, hash, currentHash }: MissingSource): object {
  return { path, recorded_hash: hash, current_hash: currentHash }
}
