import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'

import type { LiveChange, TimelineEvent } from './api.ts'
import { ClientError, send } from './client.ts'
import { serverEvents } from './server-events.ts'

/** The log as it grows. */
export interface Live {
  /** Another number whenever something was recorded: who shows something asks again. */
  readonly version: number
  readonly waiting: number
  /** Of the run that is followed, in order. */
  readonly events: readonly TimelineEvent[]
  readonly connection: 'opening' | 'live' | 'lost' | 'ended'
}

const NOTHING: Live = { version: 0, waiting: 0, events: [], connection: 'opening' }

export const LiveContext = createContext<Live>(NOTHING)

export function useLiveLog(): Live {
  return useContext(LiveContext)
}

/** One connection for everything a page shows; none while nobody looks at the page. */
export function useLive(run: string | undefined): Live {
  const [live, setLive] = useState(NOTHING)
  const isVisible = useVisibility()
  useEffect(() => setLive((before) => ({ ...before, events: [] })), [run])
  useEffect(() => {
    if (!isVisible) return undefined
    const abort = new AbortController()
    void follow(run, abort.signal, (change) => setLive((before) => ({ ...before, ...change(before) })))
    return () => abort.abort()
  }, [run, isVisible])
  return live
}

type Change = (before: Live) => Partial<Live>

const DELAYS_MS = [500, 1000, 2000, 5000]

/** Connects, and connects again from where it was, until it is aborted or refused. */
async function follow(run: string | undefined, signal: AbortSignal, apply: (change: Change) => void): Promise<void> {
  let last: string | undefined
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const path = run === undefined ? '/api/live' : `/api/live?run=${encodeURIComponent(run)}`
      const { body } = await send(path, undefined, signal, last === undefined ? {} : { 'last-event-id': last })
      if (body === null) throw new TypeError('a stream has a body')
      failures = 0
      for await (const { id, event, data } of serverEvents(body)) {
        last = id ?? last
        apply(event === 'recorded' ? recorded(JSON.parse(data)) : changed(JSON.parse(data)))
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ClientError && error.code === 'NOT_ENTERED') return apply(() => ({ connection: 'ended' }))
    }
    // What is not there yet, such as the record of a new workspace, may be there at the next look.
    apply(({ version }) => ({ connection: 'lost', version: version + 1 }))
    await new Promise((resolve) => setTimeout(resolve, DELAYS_MS[Math.min(failures, DELAYS_MS.length - 1)]))
  }
}

function recorded(events: readonly TimelineEvent[]): Change {
  return (before) => {
    const newest = before.events.at(-1)?.seq ?? 0
    return { connection: 'live', events: [...before.events, ...events.filter(({ seq }) => seq > newest)] }
  }
}

function changed({ waiting }: LiveChange): Change {
  return ({ version }) => ({ connection: 'live', waiting, version: version + 1 })
}

function useVisibility(): boolean {
  const [isVisible, setVisible] = useState(document.visibilityState !== 'hidden')
  useEffect(() => {
    const onChange = () => setVisible(document.visibilityState !== 'hidden')
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [])
  return isVisible
}
