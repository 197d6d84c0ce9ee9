import type { MessagePort, Worker } from 'node:worker_threads'

import type { FileDigest, FileHasher } from './file-hasher.ts'

/** Below this, starting a thread takes longer than the hashing it saves. */
const MIN_FILES_PER_THREAD = 2000
/** Paths taken at a time: few enough that the threads end together, many enough that taking them costs nothing. */
const BATCH = 32

export interface HashFilesOptions {
  /** Hashes in the calling thread. */
  readonly hashFile: FileHasher
  /** Starts a thread that calls `answerHashFiles` with the same kind of hasher; without it one thread does everything. */
  readonly startWorker?: () => Worker
  /** How many threads at most, with the calling one. */
  readonly threads?: number
}

interface Task {
  readonly paths: readonly string[]
  /** Index of the first path that nobody has taken, shared by all threads. */
  readonly next: Int32Array
}

/** A run of digests and the index of its first path. */
interface Batch {
  readonly start: number
  readonly digests: readonly FileDigest[]
}

/**
 * The digest of every path, in the order of the paths, by `threads` threads of which the calling one is the first: it is
 * busy until its share is done. Memory is the digests and one buffer a thread.
 *
 * @throws whatever ended a worker thread that had taken files; what is wrong with a file is in its digest.
 */
export async function hashFiles(paths: readonly string[], options: HashFilesOptions): Promise<FileDigest[]> {
  const { hashFile, startWorker, threads = 2 } = options
  const helpers = startWorker ? Math.min(threads - 1, Math.floor(paths.length / MIN_FILES_PER_THREAD)) : 0
  const task: Task = { paths, next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) }
  const workers = Array.from({ length: helpers }, () => startWorker?.()).filter((worker) => worker !== undefined)
  try {
    const answers = Promise.all(workers.map((worker) => ask(worker, task)))
    // A thread may still be starting when there is nothing left to take; what becomes of it then is of no interest.
    answers.catch(() => {})
    const own = takeBatches(task, hashFile)
    if (own.reduce((sum, { digests }) => sum + digests.length, 0) === paths.length) return inOrder(own)
    return inOrder([own, ...(await answers)].flat())
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** The other side of `hashFiles`: what a worker thread runs, with its `parentPort`. */
export function answerHashFiles(port: MessagePort, hashFile: FileHasher): void {
  // As text, which crosses in half the time that so many small objects take.
  port.once('message', (task: Task) => port.postMessage(JSON.stringify(takeBatches(task, hashFile))))
}

function ask(worker: Worker, task: Task): Promise<readonly Batch[]> {
  return new Promise((resolve, reject) => {
    worker.once('message', (batches: string) => resolve(JSON.parse(batches)))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('Expected the hashing thread to answer, but it ended.')))
    worker.postMessage(task)
  })
}

function takeBatches({ paths, next }: Task, hashFile: FileHasher): Batch[] {
  const batches: Batch[] = []
  for (;;) {
    const start = Atomics.add(next, 0, BATCH)
    if (start >= paths.length) return batches
    batches.push({ start, digests: paths.slice(start, start + BATCH).map(hashFile) })
  }
}

function inOrder(batches: readonly Batch[]): FileDigest[] {
  return batches.toSorted((a, b) => a.start - b.start).flatMap(({ digests }) => digests)
}
