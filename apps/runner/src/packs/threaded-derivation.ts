import { Worker } from 'node:worker_threads'

import type { ResolvedConfig } from '../workspace/default-config.ts'
import { createBatchQueue, type Answer } from './batch-queue.ts'
import type { Derivation, DerivedFile } from './derivation.ts'

/** All a thread needs to build what the calling one would; secrets stay inside the process. */
export interface DerivationOptions {
  readonly root: string
  readonly config: ResolvedConfig
  /** Live values the redactor must know. */
  readonly secrets: readonly string[]
}

// From source the sibling is TypeScript, from the published build JavaScript.
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './derivation-worker.ts' : './derivation-worker.js',
  import.meta.url,
)

/** What a file leaves behind is garbage once its payload is sent; V8's default of 48 MB a thread only delays collecting it. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8 }

interface Waiting {
  readonly resolve: (files: readonly DerivedFile[]) => void
  readonly reject: (error: Error) => void
}

/**
 * Derives on `threads` threads, of which the calling one is the first: it derives by `own` while it has nothing else to do, because
 * every further one has to load and compile the same code. Each batch is told to all and goes to whoever takes it first. A thread
 * that dies fails every batch that has no answer yet.
 */
export function threadedDerivation(options: DerivationOptions, own: Derivation, threads: number): Derivation {
  const waiting = new Map<number, Waiting>()
  const workers = Array.from({ length: threads - 1 }, () => startThread(options, answered, fail))
  const queue = createBatchQueue(own.derive, answered, fail)
  let asked = 0
  let failure: Error | undefined

  return {
    derive: (sources) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure)
        const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
        const batch = { id: asked, sources, taken }
        asked += 1
        waiting.set(batch.id, { resolve, reject })
        for (const worker of workers) worker.postMessage(batch)
        queue.add(batch)
      }),
    async close() {
      fail(new Error('The packing threads were ended before they had answered.'))
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }

  function answered({ id, files }: Answer): void {
    waiting.get(id)?.resolve(files)
    waiting.delete(id)
  }

  function fail(error: unknown): void {
    failure ??= error instanceof Error ? error : new Error(String(error))
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
    queue.clear()
  }
}

function startThread(
  options: DerivationOptions,
  answered: (answer: Answer) => void,
  fail: (error: unknown) => void,
): Worker {
  const worker = new Worker(WORKER, { workerData: options, resourceLimits: RESOURCE_LIMITS })
  worker.on('message', answered)
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('Expected the packing thread to answer, but it ended.')))
  return worker
}
