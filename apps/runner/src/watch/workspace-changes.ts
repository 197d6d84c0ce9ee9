import type { Environment } from '@ctxlock/contracts/ports'

import { isUnwatched } from './unwatched-path.ts'

/** Says that something below a folder may have changed. Content decides whether anything did; this only says when to look. */
export interface WorkspaceChanges {
  /** Settles once there was a change since the last call and then a moment of quiet; rejects when the wait is aborted. */
  next(): Promise<void>
  close(): void
}

/** Reports every change below a folder by its path, or with null when it cannot say which, until the returned function is called. */
export type StartWatcher = (root: string, onChange: (path: string | null) => void, onFailure: () => void) => () => void

export interface WorkspaceChangesOptions {
  readonly root: string
  readonly timers: Environment['timers']
  readonly startWatcher: StartWatcher
  readonly signal: AbortSignal
}

/** Editors and checkouts write many files at once; one look after them is enough. */
const QUIET_MS = 120
/** A tree that is never quiet is looked at all the same. */
const LONGEST_WAIT_MS = 2_000
/** How often to look when the system cannot tell of changes: too many folders, or a file system that cannot. */
const LOOK_AGAIN_MS = 2_000

export function openWorkspaceChanges(options: WorkspaceChangesOptions): WorkspaceChanges {
  const { root, timers, startWatcher, signal } = options
  let changed = false
  let stopQuiet: (() => void) | undefined
  let stopLongest: (() => void) | undefined
  let stopLooking: (() => void) | undefined
  let waiting: PromiseWithResolvers<void> | undefined
  const stopWatcher = start()
  const onAbort = () => waiting?.reject(signal.reason)
  signal.addEventListener('abort', onAbort)

  return {
    next() {
      signal.throwIfAborted()
      waiting = Promise.withResolvers<void>()
      if (changed) settleSoon()
      return waiting.promise
    },
    close() {
      signal.removeEventListener('abort', onAbort)
      for (const stop of [stopWatcher, stopQuiet, stopLongest, stopLooking]) stop?.()
    },
  }

  function start(): () => void {
    try {
      return startWatcher(root, note, fail)
    } catch {
      fail()
      return () => {}
    }
  }

  function note(path: string | null): void {
    if (path !== null && isUnwatched(path)) return
    changed = true
    if (waiting) settleSoon()
  }

  function settleSoon(): void {
    stopQuiet?.()
    stopQuiet = timers.after(QUIET_MS, settle)
    stopLongest ??= timers.after(LONGEST_WAIT_MS, settle)
  }

  function settle(): void {
    stopQuiet?.()
    stopLongest?.()
    stopLongest = undefined
    changed = false
    waiting?.resolve()
    waiting = undefined
  }

  /** From now on the whole tree is looked at from time to time. */
  function fail(): void {
    stopLooking?.()
    stopLooking = timers.after(LOOK_AGAIN_MS, () => {
      note(null)
      fail()
    })
  }
}
