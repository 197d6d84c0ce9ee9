import { eventsAfter } from '@ctxlock/flight-recorder/export'

import { allEvents } from '../session/all-events.ts'
import type { StoredSession } from '../session/stored-session.ts'
import type { Convention } from './convention.ts'
import { openDelivery } from './delivery.ts'
import { eventSpan } from './event-span.ts'
import { openExportCursor } from './export-cursor.ts'
import type { Collector } from './send-spans.ts'

export interface ExportedLog {
  readonly sent: number
  readonly rejected: number
  /** Positions of the events whose spans the collector called bad data; they are not sent again. */
  readonly refused: readonly number[]
  /** Position of the log that was reached. */
  readonly upTo: number
}

export interface ExportOptions {
  /** Everything again; every span has the id it had before. */
  readonly fromStart?: boolean
  /** Events that are read for one request; 512 when absent. */
  readonly batch?: number
}

const BATCH = 512

/**
 * Sends what the log has behind the cursor as spans, batch by batch; the cursor moves when a batch was taken. Killed in between, it goes
 * on there: the batch under way is sent again with the same ids. Throws what `Delivery` throws.
 */
export async function exportLog(
  stored: Pick<StoredSession, 'state'>,
  convention: Convention,
  collector: Collector,
  { fromStart = false, batch = BATCH }: ExportOptions = {},
): Promise<ExportedLog> {
  const { database } = stored.state
  const cursor = openExportCursor(database, collector.url, convention.id)
  const delivery = openDelivery(collector, convention.schemaUrl)
  let upTo = fromStart ? 0 : cursor.read()
  const runStartedAt = (workflowRunId: string) => {
    const [header] = allEvents(stored, { workflowRunId, type: 'run_header' })
    return header && Date.parse(header.timestamp)
  }
  for (;;) {
    const next = eventsAfter(database, upTo, batch)
    if (next.upTo === upTo) return { ...delivery.end(), upTo }
    await delivery.deliver(
      next.events.flatMap((event) => {
        const span = eventSpan(event, convention, runStartedAt)
        return span ? [{ seq: event.seq, span }] : []
      }),
    )
    upTo = next.upTo
    if (delivery.isSettled()) cursor.advance(upTo)
  }
}
