import { setImmediate } from 'node:timers/promises'

import type { DerivedFile, KnownSource } from './derivation.ts'

/** Told to all threads; the first that takes it answers it. */
export interface Batch {
  readonly id: number
  readonly sources: readonly KnownSource[]
  /** 0 until a thread takes the batch; shared by all threads. */
  readonly taken: Int32Array
}

export interface Answer {
  readonly id: number
  readonly files: readonly DerivedFile[]
}

export interface BatchQueue {
  add(batch: Batch): void
  clear(): void
}

/**
 * Derives one batch after the other and takes the next only when it is free, so that no thread holds work another one waits
 * for. Before each it lets pass what came in meanwhile.
 */
export function createBatchQueue(
  derive: (sources: readonly KnownSource[]) => Promise<readonly DerivedFile[]>,
  answered: (answer: Answer) => void,
  fail: (error: unknown) => void,
): BatchQueue {
  let open: Batch[] = []
  let isDeriving = false

  return {
    add(batch) {
      open.push(batch)
      if (!isDeriving) void deriveAll().catch(fail)
    },
    clear() {
      open = []
    },
  }

  async function deriveAll(): Promise<void> {
    isDeriving = true
    for (;;) {
      await setImmediate()
      const batch = nextBatch()
      if (!batch) break
      answered({ id: batch.id, files: await derive(batch.sources) })
    }
    isDeriving = false
  }

  function nextBatch(): Batch | undefined {
    for (;;) {
      const batch = open.shift()
      if (!batch || takes(batch)) return batch
    }
  }
}

/** True for the first thread that asks. */
function takes({ taken }: Batch): boolean {
  return Atomics.exchange(taken, 0, 1) === 0
}
