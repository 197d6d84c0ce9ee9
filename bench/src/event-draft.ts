import { randomBytes, randomUUID } from 'node:crypto'

import type { EventDraft } from '../../packages/contracts/src/events.ts'
import type { Redactor } from '../../packages/contracts/src/ports.ts'

/** Looks at every string as a real redactor would; what its patterns cost is measured elsewhere. */
export const passingRedactor: Redactor = {
  version: 'bench@1',
  detect: (text) => (/sk-|AKIA|password=|-----BEGIN/.test(text) ? [] : []),
  redact: (text) => ({ text, findings: [] }),
}

const runId = randomUUID()

/** An intent as a governed call records it, with ids and hashes that are new each time. */
export function callIntentDraft(): EventDraft {
  const hash = () => randomBytes(32).toString('hex')
  return {
    fr_event_id: 'FR-EVT-X-CALL-001',
    type: 'call_intent',
    actor: 'system',
    trace_id: randomUUID(),
    workflow_run_id: runId,
    job_id: runId,
    step_id: 'MT-001_iter-001',
    wp_id: 'WP-1',
    mt_id: 'MT-001',
    iteration: 1,
    payload: {
      call_id: randomUUID(),
      provider_id: 'ollama',
      origin_hash: hash(),
      model_id: 'qwen2.5-coder:7b',
      payload_digest: hash(),
      payload_size: 18_211,
      context_snapshot_id: randomUUID(),
      context_pack_binding_id: randomUUID(),
      request_manifest_ref: hash(),
    },
  }
}
