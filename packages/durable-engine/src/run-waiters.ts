import type { RunInfo } from '@ctxlock/contracts/engine'

import { isEnded } from './run-row.ts'
import type { RunTable } from './run-table.ts'

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
  { info, standing }: Pick<RunTable, 'info' | 'standing'>,
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
      const { state } = standing(runId)
      const isParked = orWaiting && state === 'waiting' && info(runId).waits?.some(({ kind }) => kind === 'signal')
      const fault = faultOf(runId)
      if (isEnded(state) || isParked === true) resolve(info(runId))
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
