import type { SqlDatabase, Timers } from '@ctxlock/contracts/ports'

import { ValidatorError } from '../validator-error.ts'
import { isTerminal } from './job-state.ts'
import { assertNotPoisoned, countLateResult, type MutationFence, poisoned, readJob } from './job-table.ts'

/** What the poisoning directive needs of the process it runs in. */
export interface JobAborts {
  /** P1: from now on the fence of the job opens nothing in this process, whatever the table says. Cannot fail. */
  raise(job_id: string): void
  /** P3: aborts what runs in the name of the job, at once and without grace (VAL-071). Called when the poisoning is on record. */
  abort(job_id: string): void
}

/** The nodes of the jobs of one process: everything that is under way in their name, such as a model call or a guard. */
export interface JobNodes extends JobAborts {
  /** To be handed to `registerJob` or `openFence`: aborted when the fence is raised (P1), before anything is on record. */
  fenceSignal(job_id: string): AbortSignal
  /**
   * Forgets the fence of a job that has ended, because the table refuses now what is done in its name: a process that lives on keeps none
   * of them. A raised fence stays, and that of a job that goes on or waits. Cannot fail.
   */
  release(job_id: string): void
  /**
   * Runs one node. It ends with `JOB_POISONED` as soon as the job is poisoned, by whichever process, and whether or not its
   * work listens to the signal; what the work returns after that is dropped and counted (VAL-071).
   */
  run<T>(held: MutationFence, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** To be called before a node shows or sends something. Aborts the nodes of a job that has ended and throws `JOB_POISONED`. */
  check(held: MutationFence): void
  /** How many nodes of the job are under way. */
  active(job_id: string): number
  /** Resolves when none is. Not to be awaited by a node of the job. */
  terminated(job_id: string): Promise<void>
}

export interface JobNodesOptions {
  readonly database: SqlDatabase
  readonly timers: Timers
  /** How often a node that is waiting looks whether another process poisoned its job. */
  readonly lookEveryMs?: number
}

interface Node {
  readonly ended: Promise<unknown>
  abort(): void
}

/** Opens the nodes of jobs; a database that others write to is looked at every `lookEveryMs` milliseconds (50). */
export function createJobNodes({ database, timers, lookEveryMs = 50 }: JobNodesOptions): JobNodes {
  const fences = new Map<string, AbortController>()
  const nodes = new Map<string, Set<Node>>()

  function fenceOf(job_id: string): AbortController {
    const fence = fences.get(job_id) ?? new AbortController()
    fences.set(job_id, fence)
    return fence
  }

  function hasEnded(job_id: string): boolean {
    try {
      const job = readJob(database, job_id)
      return job !== undefined && isTerminal(job.state)
    } catch {
      return false
    }
  }

  function abort(job_id: string): void {
    for (const node of nodes.get(job_id) ?? []) node.abort()
  }

  function remove(job_id: string, node: Node): void {
    const others = nodes.get(job_id)
    others?.delete(node)
    if (others?.size === 0) nodes.delete(job_id)
  }

  function check(held: MutationFence): void {
    try {
      assertNotPoisoned(database, held)
    } catch (error) {
      if (isPoisoned(error)) abort(held.job_id)
      throw error
    }
  }

  /** Looks again and again; the returned function stops it. */
  function watch(held: MutationFence): () => void {
    const look = (): void => {
      cancel = timers.after(lookEveryMs, look)
      try {
        check(held)
      } catch {
        // Whoever waits for the node is told. A table that cannot be read is found out by the next write.
      }
    }
    let cancel = timers.after(lookEveryMs, look)
    return () => cancel()
  }

  function countLate(job_id: string): void {
    try {
      countLateResult(database, job_id)
    } catch {
      // The process is closing its database: the result is dropped all the same.
    }
  }

  return {
    fenceSignal: (job_id) => fenceOf(job_id).signal,
    release(job_id) {
      if (fences.get(job_id)?.signal.aborted === false && hasEnded(job_id)) fences.delete(job_id)
    },
    raise: (job_id) => fenceOf(job_id).abort(),
    abort,
    check,
    active: (job_id) => nodes.get(job_id)?.size ?? 0,
    async run(held, work) {
      assertNotPoisoned(database, held)
      const { job_id } = held
      const controller = new AbortController()
      const { promise: aborted, reject } = Promise.withResolvers<never>()
      const stop = watch(held)
      const working = (async () => work(controller.signal))()
      const ended = Promise.race([working, aborted])
      const node: Node = {
        ended,
        abort() {
          controller.abort(poisoned(job_id))
          reject(poisoned(job_id))
        },
      }
      nodes.set(job_id, (nodes.get(job_id) ?? new Set()).add(node))
      try {
        return await ended
      } catch (error) {
        if (controller.signal.aborted) working.then(() => countLate(job_id)).catch(() => undefined)
        throw error
      } finally {
        stop()
        remove(job_id, node)
      }
    },
    async terminated(job_id) {
      for (let open = nodes.get(job_id); open; open = nodes.get(job_id)) {
        await Promise.allSettled([...open].map(({ ended }) => ended))
      }
    },
  }
}

function isPoisoned(error: unknown): boolean {
  return error instanceof ValidatorError && error.code === 'JOB_POISONED'
}
