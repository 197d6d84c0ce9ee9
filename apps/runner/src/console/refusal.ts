import type { IncomingMessage } from 'node:http'

import type { Assets } from './assets.ts'
import type { Entry } from './entry.ts'

/** Why a request is not answered. One clear line each, which tells nothing about the workspace. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 421
  readonly code: string
  readonly message: string
}

/** Comes with every question to the API; a page of another origin cannot send it without being asked about, and is refused then. */
const KEY_HEADER = 'x-ctxlock-key'
/**
 * The path of a request, and its query. The server resolves and decodes what it routes; in a path of this form there is nothing to
 * resolve or decode, so what is decided on here is what is routed.
 */
const TARGET = /^(\/|(?:\/[\w-][\w.-]*)+)(?:\?[\w%=&.~-]*)?$/
const ENTRY = /^\/enter\/[\w-]{43}$/

/**
 * Asked before anything else looks at a request. What a page of another site can do is named: rebind its name to this address
 * (`Host`), send a form or a fetch (`Origin`, `Sec-Fetch-Site`), guess; cookies are shared by all ports of a host, so a server
 * on another port may have been sent ours: the key is not. Whoever enters brings a token; pages need the cookie; all else both halves.
 */
export function refusalOf(
  request: Pick<IncomingMessage, 'headers' | 'method' | 'url'>,
  entry: Pick<Entry, 'hasCookie' | 'hasKey'>,
  origin: string,
  pages: Pick<Assets, 'has'>,
): Refusal | undefined {
  const { headers, method = '', url = '' } = request
  if (headers.host !== new URL(origin).host)
    return { status: 421, code: 'HOST_FOREIGN', message: `this console answers to ${origin} only` }
  const path = TARGET.exec(url)?.[1]
  if (path === undefined)
    return { status: 400, code: 'TARGET_INVALID', message: `expected a plain path; the console is at ${origin}/` }
  if (method !== 'GET' && method !== 'POST')
    return { status: 405, code: 'METHOD_REFUSED', message: 'expected GET or POST' }
  if (method === 'GET' && ENTRY.test(url)) return undefined
  if (isForeign(headers, method, origin))
    return { status: 403, code: 'ORIGIN_FOREIGN', message: 'pages of other sites get no answer here' }
  if (!entry.hasCookie(cookieOf(headers.cookie, cookieName(origin)))) return notEntered
  if (method === 'GET' && pages.has(path)) return undefined
  return entry.hasKey(onlyOne(headers[KEY_HEADER])) ? undefined : notEntered
}

const notEntered: Refusal = {
  status: 401,
  code: 'NOT_ENTERED',
  message: 'open the address that `ctxlock console` printed; it opens once, so start the command again for another one',
}

/** One name for each port: several consoles of one person do not log each other out. */
export function cookieName(origin: string): string {
  return `ctxlock_${new URL(origin).port}`
}

function isForeign(headers: IncomingMessage['headers'], method: string, origin: string): boolean {
  if (headers.origin !== undefined && headers.origin !== origin) return true
  if (method !== 'GET' && headers.origin !== origin) return true
  const site = onlyOne(headers['sec-fetch-site'])
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const prefix = `${name}=`
  const found = header?.split('; ').filter((pair) => pair.startsWith(prefix)) ?? []
  return found.length === 1 ? found[0]?.slice(prefix.length) : undefined
}

function onlyOne(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
