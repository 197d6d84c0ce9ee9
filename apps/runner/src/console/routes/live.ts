import { statSync } from 'node:fs'
import { join } from 'node:path'

import type { LiveChange } from '@ctxlock/console'
import { Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'

import { storedRequests } from '../../consent/find-request.ts'
import { shownState } from '../../consent/shown-state.ts'
import { withRuns } from '../../run/open-runs.ts'
import { openStoredSession, type StoredSession } from '../../session/stored-session.ts'
import { STATE_DATABASE } from '../../workspace/state-place.ts'
import { runEvents } from '../run-events.ts'
import { timelineEvent } from '../timeline-event.ts'

const LOOK_EVERY_MS = 250
/** A page asks again at least so often: a process that was killed, and a time that is over, are recorded nowhere. */
const SAY_AGAIN_EVERY_MS = 5_000
const AT_ONCE = 500

/**
 * The log as it grows, from whatever process; `Last-Event-ID` is the position to go on from. Ends when another state stands in the
 * place of the one it reads, or none.
 */
export function liveRoutes(root: string): Hono {
  const routes = new Hono()
  routes.get('/', async (context) => {
    const name = context.req.query('run')
    const after = Number(context.req.header('last-event-id') ?? 0)
    // Before the stream begins, so that an unknown run, and a workspace without a record, are answers like any other.
    const run = name === undefined ? undefined : await withRuns(root, async (runs) => (await runs.find(name)).runId)
    const session = openStoredSession(root, process.env)
    return streamSSE(context, async (stream) => {
      try {
        await follow(stream, session, run, Number.isSafeInteger(after) && after > 0 ? after : 0)
      } finally {
        session.close()
      }
    })
  })
  return routes
}

async function follow(
  stream: SSEStreamingApi,
  session: StoredSession,
  run: string | undefined,
  after: number,
): Promise<void> {
  const isInPlace = placeOf(session)
  let seen = after
  let version: unknown
  let said = 0
  while (!stream.aborted && !stream.closed && isInPlace()) {
    const now = session.state.database.prepare('PRAGMA data_version').get()?.['data_version']
    if (now !== version || performance.now() - said > SAY_AGAIN_EVERY_MS) {
      for (const events of batches(run === undefined || now === version ? [] : runEvents(session, run, seen))) {
        seen = events.at(-1)?.seq ?? seen
        await stream.writeSSE({ id: String(seen), event: 'recorded', data: JSON.stringify(events.map(timelineEvent)) })
      }
      const change: LiveChange = { waiting: waitingRequests(session) }
      await stream.writeSSE({ event: 'changed', data: JSON.stringify(change) })
      version = now
      said = performance.now()
    }
    await stream.sleep(LOOK_EVERY_MS)
  }
}

/** Whether the file that was opened still stands where the next question will look for it. */
function placeOf({ state }: StoredSession): () => boolean {
  const inode = () => statSync(join(state.folder, STATE_DATABASE), { throwIfNoEntry: false })?.ino
  const opened = inode()
  return () => inode() === opened
}

function waitingRequests({ state }: StoredSession): number {
  return storedRequests(state.database).filter((found) => shownState(state, found) === 'waiting').length
}

function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += AT_ONCE) yield items.slice(start, start + AT_ONCE)
}
