import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'

import type { LogHealth } from '@ctxlock/console/record'
import { logFigures } from '@ctxlock/flight-recorder'
import { Hono } from 'hono'

import { publicKeyFor } from '../../anchors/stored-log.ts'
import { lookAtRecord } from '../../session/look-at-record.ts'
import { lastVerification, type LastVerification } from '../record/last-verification.ts'

/** Figures of the log, and its verification on request. */
export function logRoutes(root: string): Hono {
  const last = lastVerification({ root })
  const routes = new Hono()
  routes.get('/', (context) => context.json(logHealth(root, last)))
  routes.post('/verify', (context) => {
    // A workspace without a record is an answer like any other.
    lookAtRecord(root, () => {})
    last.begin()
    return context.json(logHealth(root, last))
  })
  return routes
}

function logHealth(root: string, last: LastVerification): LogHealth {
  return lookAtRecord(root, (session) => {
    const { database, folder } = session.state
    const { events, outside, checkpoints, checkpoint } = logFigures(database)
    return {
      events,
      outside,
      checkpoints,
      checkpoint,
      bytes: {
        database: bytesBelow(folder, 'state.db*'),
        objects: bytesBelow(folder, 'objects/**/*'),
        segments: bytesBelow(folder, 'log/segment/*'),
        vault: bytesBelow(folder, 'vault/**/*'),
      },
      public_key: publicKeyFor(session, undefined, process.env) ?? null,
      ...last.now(),
    }
  })
}

function bytesBelow(folder: string, pattern: string): number {
  const sizes = globSync(pattern, { cwd: folder }).map((path) =>
    statSync(join(folder, path), { throwIfNoEntry: false }),
  )
  return sizes.reduce((sum, found) => sum + (found?.isFile() === true ? found.size : 0), 0)
}
