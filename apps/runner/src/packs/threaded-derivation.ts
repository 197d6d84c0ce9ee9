import { Worker } from 'node:worker_threads'

import type { ResolvedConfig } from '../workspace/default-config.ts'
import type { Derivation, DerivedFile, KnownSource } from './derivation.ts'

/** All a thread needs to build what the calling one would; secrets stay inside the process. */
export interface DerivationOptions {
  readonly root: string
  readonly config: ResolvedConfig
  /** Live values the redactor must know. */
  readonly secrets: readonly string[]
}

export interface Batch {
  readonly id: number
  readonly sources: readonly KnownSource[]
}

export interface Answer {
  readonly id: number
  readonly files: readonly DerivedFile[]
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

/** Derives on `threads` threads; a batch goes to the one that has the fewest. A thread that dies fails every batch it still had. */
export function threadedDerivation(options: DerivationOptions, threads: number): Derivation {
  const members = Array.from({ length: threads }, () => startThread(options))
  return {
    derive(sources) {
      const [member] = members.toSorted((a, b) => a.load() - b.load())
      return member ? member.ask(sources) : Promise.reject(new RangeError('Expected at least one thread.'))
    },
    async close() {
      await Promise.all(members.map(({ stop }) => stop()))
    },
  }
}

function startThread(options: DerivationOptions) {
  const worker = new Worker(WORKER, { workerData: options, resourceLimits: RESOURCE_LIMITS })
  const waiting = new Map<number, Waiting>()
  let asked = 0
  let failure: Error | undefined
  const fail = (error: Error) => {
    failure ??= error
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
  }
  worker.on('message', ({ id, files }: Answer) => {
    waiting.get(id)?.resolve(files)
    waiting.delete(id)
  })
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', () => fail(new Error('Expected the packing thread to answer, but it ended.')))
  return {
    /** Batches it still has to answer. */
    load: () => waiting.size,
    ask: (sources: readonly KnownSource[]) =>
      new Promise<readonly DerivedFile[]>((resolve, reject) => {
        if (failure) return reject(failure)
        const batch: Batch = { id: asked, sources }
        asked += 1
        waiting.set(batch.id, { resolve, reject })
        worker.postMessage(batch)
      }),
    stop: () => worker.terminate(),
  }
}
