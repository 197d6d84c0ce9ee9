import { basename } from 'node:path'

import type { ApiFailure, WorkspaceName } from '@ctxlock/console'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { setCookie } from 'hono/cookie'

import type { Assets } from './assets.ts'
import type { Entry } from './entry.ts'
import { failureAnswer } from './failure-answer.ts'
import { pageThatLeadsTo } from './open-page.ts'
import { cookieName } from './refusal.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { callRoutes } from './routes/calls.ts'
import { liveRoutes } from './routes/live.ts'
import { logRoutes } from './routes/log.ts'
import { packRoutes } from './routes/packs.ts'
import { runRoutes } from './routes/runs.ts'
import { usageRoutes } from './routes/usage.ts'

export interface ConsoleParts {
  readonly root: string
  readonly assets: Assets
  readonly entry: Entry
  readonly origin: string
}

/** Larger than any question or decision. */
const MOST_BODY_BYTES = 16 * 1024

/** Everything that is answered; `refusalOf` was asked before. A view's data are a file in `routes/`. */
export function consoleApp({ root, assets, entry, origin }: ConsoleParts): Hono {
  const app = new Hono()
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (context) => context.json(TOO_LARGE, 413) }))
  app.get('/enter/:token', (context) => {
    const session = entry.enter(context.req.param('token'))
    if (!session) return context.json(USED, 401)
    setCookie(context, cookieName(origin), session.cookie, { httpOnly: true, sameSite: 'Strict', path: '/' })
    return context.html(enteredPage(session.key))
  })
  app.get('/api/workspace', (context) => context.json({ name: basename(root), folder: root } satisfies WorkspaceName))
  app.route('/api/runs', runRoutes(root))
  app.route('/api/calls', callRoutes(root))
  app.route('/api/approvals', approvalRoutes(root))
  app.route('/api/live', liveRoutes(root))
  app.route('/api/usage', usageRoutes(root))
  app.route('/api/packs', packRoutes(root))
  app.route('/api/log', logRoutes(root))
  app.get('*', (context) => {
    const asset = assets.get(context.req.path)
    return asset ? context.body(asset.bytes, 200, { 'content-type': asset.type }) : context.json(NOT_FOUND, 404)
  })
  app.notFound((context) => context.json(NOT_FOUND, 404))
  app.onError((error, context) => {
    const { status, body } = failureAnswer(error)
    return context.json(body, status)
  })
  return app
}

/**
 * A page of this origin goes on to the console: from there the cookie is sent, whoever opened this page. The key stands behind
 * the `#`, which no server is sent, and the console takes it out of the address at once.
 */
function enteredPage(key: string): string {
  return pageThatLeadsTo(`/#key=${key}`, '<link rel="icon" href="/icon.svg">')
}

const USED: ApiFailure = {
  error: {
    code: 'ENTRY_USED',
    message: 'this address was opened before, or is too old; start `ctxlock console` again',
  },
}
const NOT_FOUND: ApiFailure = { error: { code: 'NOT_FOUND', message: 'there is nothing at this address' } }
const TOO_LARGE: ApiFailure = {
  error: { code: 'BODY_TOO_LARGE', message: `expected at most ${MOST_BODY_BYTES} bytes` },
}
