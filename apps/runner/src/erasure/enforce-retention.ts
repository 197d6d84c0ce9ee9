import type { Session } from '../session/session.ts'
import { canonicalBytes } from '../session/store-record.ts'
import type { ErasurePlan } from './erasure-plan.ts'
import { erase } from './order-erasure.ts'

/**
 * Erases a plan made from `retentionScope` and returns how many events lost their text: a report is stored, an order recorded and
 * signed, then it is done, then summed up (REC-030).
 */
export async function enforceRetention(
  session: Session,
  plan: ErasurePlan,
  olderThan: string,
  runId: string,
): Promise<number> {
  const sizes = new Map([...session.artifacts.list()].map(({ content_hash, size_bytes }) => [content_hash, size_bytes]))
  const report = canonicalBytes({ ...plan, older_than: olderThan })
  const { content_hash } = session.artifacts.put(report, { kind: 'report', classification: 'low' })
  const cause = { cause: 'retention', reason: 'older than recorder.retention_days', older_than: olderThan } as const
  const { events } = await erase(session, plan, cause, runId)
  session.recorder.record({
    trace_id: session.environment.random.uuid(),
    workflow_run_id: runId,
    actor: 'system',
    fr_event_id: 'FR-EVT-X-GC-001',
    type: 'meta.gc_summary',
    payload: {
      scanned: sizes.size,
      pruned: plan.objects.length,
      spared_pinned: plan.spared,
      spared_window: sizes.size - plan.objects.length,
      bytes_freed: plan.objects.reduce((sum, hash) => sum + (sizes.get(hash) ?? 0), 0),
      report_ref: content_hash,
    },
  })
  return events
}
