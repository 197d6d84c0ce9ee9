import type { MessagePort, Worker } from 'node:worker_threads'

import type { FileDigest, FileHasher } from './file-hasher.ts'

/** Below this, starting a thread takes longer than the hashing it saves. */
const MIN_FILES_PER_THREAD = 1000
/** Paths taken at a time: few enough that the threads end together, many enough that taking them costs nothing. */
const BATCH = 32

export interface HashFilesOptions {
  /** Hashes in the calling thread. */
  readonly hasher: FileHasher
  /** Starts a thread that calls `answerHashFiles` with the same kind of hasher; without it one thread does everything. */
  readonly startWorker?: () => Worker
  /** How many threads at most, with the calling one. */
  readonly threads?: number
}

/** Hashes files that are named one by one, while they are still being found. */
export interface FileHashing {
  add(path: string): void
  /** The digest of every path, in the order they were added. To be called once; it ends the threads. */
  finish(): Promise<FileDigest[]>
  /** Ends the threads without an answer, when something else has failed. */
  close(): Promise<void>
}

interface Batch {
  readonly index: number
  readonly paths: readonly string[]
  /** 0 until a thread takes the batch; shared by all threads. */
  readonly taken: Int32Array
}

interface BatchDigests {
  readonly index: number
  readonly digests: readonly FileDigest[]
}

const END = 'end'

/**
 * The digest of every path, in the order of the paths, by `threads` threads of which the calling one is the first: it is
 * busy until its share is done. Memory is the digests and one buffer a thread.
 *
 * @throws whatever ended a worker thread that had taken files; what is wrong with a file is in its digest.
 */
export function hashFiles(paths: readonly string[], options: HashFilesOptions): Promise<FileDigest[]> {
  const hashing = openFileHashing(options)
  for (const path of paths) hashing.add(path)
  return hashing.finish()
}

/**
 * The same for paths that are still being found: other threads hash from the first batch on as soon as it is named, the
 * calling one from the last batch back once all are.
 */
export function openFileHashing({ hasher, startWorker, threads = 2 }: HashFilesOptions): FileHashing {
  const workers: Worker[] = []
  const answers: Promise<readonly BatchDigests[]>[] = []
  const batches: Batch[] = []
  let waiting: string[] = []
  let count = 0

  return {
    add(path) {
      waiting.push(path)
      count += 1
      if (waiting.length === BATCH) nameBatch()
      if (startWorker && count === MIN_FILES_PER_THREAD * (workers.length + 1) && workers.length < threads - 1) {
        start(startWorker())
      }
    },
    async finish() {
      nameBatch()
      try {
        for (const worker of workers) {
          worker.ref()
          worker.postMessage(END)
        }
        const own = batches.toReversed().flatMap((batch) => takenBy(hasher, batch))
        if (own.length === batches.length) return inOrder(own)
        return inOrder([own, ...(await Promise.all(answers))].flat())
      } finally {
        await endThreads()
      }
    },
    close: endThreads,
  }

  async function endThreads(): Promise<void> {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  function nameBatch(): void {
    if (waiting.length === 0) return
    const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const batch = { index: batches.length, paths: waiting, taken }
    batches.push(batch)
    for (const worker of workers) worker.postMessage(batch)
    waiting = []
  }

  function start(worker: Worker): void {
    // Whoever fails before `finish` must not be kept alive by it.
    worker.unref()
    const answer = answerOf(worker)
    // A thread may still be starting when there is nothing left to take; what becomes of it then is of no interest.
    answer.catch(() => {})
    answers.push(answer)
    workers.push(worker)
    for (const batch of batches) worker.postMessage(batch)
  }
}

/** The other side of `hashFiles`: what a worker thread runs, with its `parentPort`. */
export function answerHashFiles(port: MessagePort, hasher: FileHasher): void {
  const own: BatchDigests[] = []
  port.on('message', (message: Batch | typeof END) => {
    // As text, which crosses in half the time that so many small objects take.
    if (message === END) port.postMessage(JSON.stringify(own))
    else own.push(...takenBy(hasher, message))
  })
}

/** Nothing when another thread has taken the batch. */
function takenBy(hasher: FileHasher, { index, paths, taken }: Batch): BatchDigests[] {
  return Atomics.exchange(taken, 0, 1) === 0 ? [{ index, digests: hasher(paths) }] : []
}

function answerOf(worker: Worker): Promise<readonly BatchDigests[]> {
  return new Promise((resolve, reject) => {
    worker.once('message', (batches: string) => resolve(JSON.parse(batches)))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('Expected the hashing thread to answer, but it ended.')))
  })
}

function inOrder(batches: readonly BatchDigests[]): FileDigest[] {
  return batches.toSorted((a, b) => a.index - b.index).flatMap(({ digests }) => digests)
}
