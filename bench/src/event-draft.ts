import { randomBytes, randomUUID } from 'node:crypto'

import type { EventDraft } from '../../packages/contracts/src/events.ts'
import type { Redactor } from '../../packages/contracts/src/ports.ts'

/** Looks at every string as a real redactor would; what its patterns cost is measured elsewhere. */
export const passingRedactor: Redactor = {
  version: 'bench@1',
  detect: (text) => (/sk-|AKIA|password=|-----BEGIN/.test(text) ? [] : []),
  redact: (text) => ({ text, findings: [] }),
}

/**
 * An id in one piece. What `randomUUID` gives is twenty pieces that are joined when somebody reads them: whichever writer came first
 * in a round would pay for all, and for what is no part of recording.
 */
const newId = () => Buffer.from(randomUUID()).toString()
const newHash = () => randomBytes(32).toString('hex')
const runId = newId()

/** An intent as a governed call records it, with ids and hashes that are new each time. */
export function callIntentDraft(): EventDraft {
  return callIntent(newId())
}

function callIntent(call_id: string): EventDraft {
  return {
    ...placeInRun(),
    fr_event_id: 'FR-EVT-X-CALL-001',
    type: 'call_intent',
    payload: {
      call_id,
      provider_id: 'ollama',
      origin_hash: newHash(),
      model_id: 'qwen2.5-coder:7b',
      payload_digest: newHash(),
      payload_size: 18_211,
      context_snapshot_id: newId(),
      context_pack_binding_id: newId(),
      request_manifest_ref: newHash(),
    },
  }
}

/** Both events of a call: what it is about to send, and what came of it. */
export function settledCallDrafts(): EventDraft[] {
  const call_id = newId()
  const settled: EventDraft = {
    ...placeInRun(),
    fr_event_id: 'FR-EVT-X-CALL-002',
    type: 'call_settled',
    payload: {
      call_id,
      outcome: 'accepted',
      quotations: { verified: 3, repaired: 1, failed: 0 },
      answer_digest: newHash(),
      answer_size: 2113,
      finish_reason: 'stop',
    },
  }
  return [callIntent(call_id), settled]
}

function placeInRun() {
  return {
    actor: 'system',
    trace_id: newId(),
    workflow_run_id: runId,
    job_id: runId,
    step_id: 'MT-001_iter-001',
    wp_id: 'WP-1',
    mt_id: 'MT-001',
    iteration: 1,
  } as const
}
