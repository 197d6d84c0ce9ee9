import type { CallDetail, ShownBytes } from '@ctxlock/console'
import { Hono } from 'hono'

import { sentBytes } from '../../calls/sent-bytes.ts'
import { lookAtRecord } from '../../session/look-at-record.ts'
import { callDetail } from '../call-detail.ts'

/** One call, and exactly what it sent. */
export function callRoutes(root: string): Hono {
  const routes = new Hono()
  routes.get('/:id', (context) => {
    const detail: CallDetail = lookAtRecord(root, (session) =>
      callDetail(session, session.calls.find(context.req.param('id'))),
    )
    return context.json(detail)
  })
  routes.get('/:id/bytes', (context) => {
    const { manifest, body, from } = lookAtRecord(root, (session) =>
      sentBytes(session, session.calls.find(context.req.param('id'))),
    )
    const shown: ShownBytes = {
      text: new TextDecoder().decode(body),
      bytes: manifest.payload_bytes,
      sha256: manifest.payload_sha256,
      from,
    }
    return context.json(shown)
  })
  return routes
}
