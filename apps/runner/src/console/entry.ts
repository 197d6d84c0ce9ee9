import { hash, timingSafeEqual } from 'node:crypto'

/** What an opened console is held by: a cookie that no script can read, and a key that no other port of this host is sent. */
export interface ConsoleSession {
  readonly cookie: string
  readonly key: string
}

/** The way in: one token opens one session, once and for a while. */
export interface Entry {
  readonly token: string
  /** The session, for whoever brings the token first; undefined for a guess, a second time and a late one. */
  enter(token: string): ConsoleSession | undefined
  hasCookie(cookie: string | undefined): boolean
  hasKey(key: string | undefined): boolean
}

export interface EntryOptions {
  /** Unguessable text, another one at each call. */
  readonly secret: () => string
  /** Milliseconds. */
  readonly now: () => number
  readonly validForMs: number
}

export function createEntry({ secret, now, validForMs }: EntryOptions): Entry {
  const token = secret()
  const until = now() + validForMs
  let session: ConsoleSession | undefined
  return {
    token,
    enter(brought) {
      if (session !== undefined || now() >= until || !isSame(brought, token)) return undefined
      session = { cookie: secret(), key: secret() }
      return session
    },
    hasCookie: (cookie) => session !== undefined && isSame(cookie ?? '', session.cookie),
    hasKey: (key) => session !== undefined && isSame(key ?? '', session.key),
  }
}

/** Takes the same time whichever characters differ. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'))
}
