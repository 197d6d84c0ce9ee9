import type { RunInfo } from '@ctxlock/contracts/engine'

import { isEnded } from './run-row.ts'

/** Callers that wait for the end of a run. */
export interface RunWaiters {
  wait(runId: string, orWaiting: boolean): Promise<RunInfo>
  /** Tells those whose run has come so far, of one run or of all. */
  tell(runId?: string): void
  refuse(error: Error): void
}

interface Waiter {
  readonly orWaiting: boolean
  resolve(run: RunInfo): void
  reject(error: unknown): void
}

export function openWaiters(
  info: (runId: string) => RunInfo,
  faultOf: (runId: string) => Error | undefined,
): RunWaiters {
  const waiters = new Map<string, readonly Waiter[]>()

  function tellOf(runId: string): void {
    const waiting = waiters.get(runId)
    if (!waiting) return
    waiters.delete(runId)
    const remaining = waiting.filter((waiter) => !tellOne(runId, waiter))
    if (remaining.length > 0) waiters.set(runId, remaining)
  }

  function tellOne(runId: string, { orWaiting, resolve, reject }: Waiter): boolean {
    try {
      const run = info(runId)
      const fault = faultOf(runId)
      if (isReached(run, orWaiting)) resolve(run)
      else if (fault) reject(fault)
      else return false
    } catch (error) {
      reject(error)
    }
    return true
  }

  return {
    wait(runId, orWaiting) {
      const { promise, resolve, reject } = Promise.withResolvers<RunInfo>()
      waiters.set(runId, [...(waiters.get(runId) ?? []), { orWaiting, resolve, reject }])
      tellOf(runId)
      return promise
    },
    tell(runId) {
      for (const id of runId === undefined ? [...waiters.keys()] : [runId]) tellOf(id)
    },
    refuse(error) {
      for (const { reject } of [...waiters.values()].flat()) reject(error)
      waiters.clear()
    },
  }
}

function isReached({ state, waits = [] }: RunInfo, orWaiting: boolean): boolean {
  return isEnded(state) || (orWaiting && waits.some(({ kind }) => kind === 'signal'))
}
