import { eventsAfter } from '@ctxlock/flight-recorder/export'

import { allEvents } from '../session/all-events.ts'
import type { StoredSession } from '../session/stored-session.ts'
import type { Convention } from './convention.ts'
import { encodeSpans } from './encode-spans.ts'
import { eventSpan } from './event-span.ts'
import { openExportCursor } from './export-cursor.ts'
import { sendSpans, type Collector } from './send-spans.ts'

export interface ExportedLog {
  readonly sent: number
  readonly rejected: number
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
 * on there: the batch under way is sent again with the same ids. Throws what `sendSpans` throws.
 */
export async function exportLog(
  stored: Pick<StoredSession, 'state'>,
  convention: Convention,
  collector: Collector,
  { fromStart = false, batch = BATCH }: ExportOptions = {},
): Promise<ExportedLog> {
  const { database } = stored.state
  const cursor = openExportCursor(database, collector.url, convention.id)
  const exported = { sent: 0, rejected: 0, upTo: fromStart ? 0 : cursor.read() }
  const runStartedAt = (workflowRunId: string) => {
    const [header] = allEvents(stored, { workflowRunId, type: 'run_header' })
    return header && Date.parse(header.timestamp)
  }
  for (;;) {
    const { events, upTo } = eventsAfter(database, exported.upTo, batch)
    if (upTo === exported.upTo) return exported
    const spans = events.flatMap((event) => eventSpan(event, convention, runStartedAt) ?? [])
    if (spans.length > 0) exported.rejected += await sendSpans(collector, encodeSpans(spans, convention.schemaUrl))
    exported.sent += spans.length
    exported.upTo = upTo
    cursor.advance(upTo)
  }
}
