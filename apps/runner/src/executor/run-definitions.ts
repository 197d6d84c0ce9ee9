import type { MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { storeRecord } from '../session/store-record.ts'

/** Keeps the definitions artifact of a new run, and says on record which one it works off (MT-002). */
export function keepDefinitions(
  { artifacts, environment, recorder }: Pick<Session, 'artifacts' | 'environment' | 'recorder'>,
  run: { readonly ids: RunIds; readonly jobId: string; readonly wpId: string },
  definitions: MicroTaskDefinitions,
): ArtifactHandle {
  const { generator_id, generator_version, packet_hash } = definitions
  const kept = storeRecord(artifacts, definitions)
  recorder.record({
    actor: 'system',
    trace_id: environment.random.uuid(),
    job_id: run.jobId,
    workflow_run_id: run.ids.runId,
    wp_id: run.wpId,
    fr_event_id: 'FR-EVT-X-MT-001',
    type: 'micro_task_definitions_bound',
    payload: {
      definitions_ref: kept.content_hash,
      generator_id,
      generator_version,
      packet_hash,
      total_mts: definitions.definitions.length,
    },
  })
  return kept
}
