import type { Socket } from 'node:net'

/**
 * What one streamed request does with its connection: `close` it afterwards, `keep` it for the next, keep it to `watch` what the
 * server does, or close it and `prove` by its end that the server had all the time to hang up on the watched one.
 */
export type StreamPlan = 'close' | 'keep' | 'watch' | 'prove'

/** Whether a server keeps its connections after streamed answers. */
export interface StreamConnections {
  /** The plan of a streamed request that is about to leave. */
  next(): StreamPlan
  /** The connection of the watched request was made. */
  opened(socket: Socket): void
  /** A streamed answer came in whole. */
  ended(plan: StreamPlan): void
  /** A streamed request came to nothing. */
  failed(plan: StreamPlan): void
}

/**
 * Some servers promise to keep a connection and hang up after a stream; a request that is sent on it meanwhile is lost. So the
 * first stream of an origin is watched, and connections are kept only after its server let one be through a whole other
 * exchange. One that hung up once is not asked to keep any again.
 */
export function streamConnections(): StreamConnections {
  let found: 'nothing' | 'watching' | 'kept_so_far' | 'keeps' | 'hangs_up' = 'nothing'
  const forget = (): void => {
    if (found === 'watching' || found === 'kept_so_far') found = 'nothing'
  }
  const hangsUp = (): void => void (found = 'hangs_up')
  return {
    next() {
      if (found === 'keeps') return 'keep'
      if (found === 'kept_so_far') return 'prove'
      if (found !== 'nothing') return 'close'
      found = 'watching'
      return 'watch'
    },
    opened(socket) {
      socket.once('end', hangsUp)
      socket.once('error', ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET' && hangsUp())
      // Otherwise it was our side that closed it.
      socket.once('close', forget)
    },
    ended(plan) {
      if (plan === 'watch' && found === 'watching') found = 'kept_so_far'
      if (plan === 'prove' && found === 'kept_so_far') found = 'keeps'
    },
    failed(plan) {
      if (plan === 'watch') forget()
    },
  }
}
