import { once } from 'node:events'
import * as files from 'node:fs'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { bytesHash } from '../sha256.ts'
import { createFileHasher } from './file-hasher.ts'
import { answerHashFiles, hashFiles, openFileHashing } from './hash-files.ts'

let root = ''
const paths: string[] = []
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hash-files-'))
  for (let index = 0; index < 200; index++) {
    paths.push(`file-${index}`)
    writeFileSync(join(root, `file-${index}`), `text ${index}`)
  }
})
afterAll(() => rmSync(root, { recursive: true }))

const WORKER = new URL('../../test/hash-worker.ts', import.meta.url)
const hasher = (named: readonly string[]) => createFileHasher({ files, root })(named)

test('every path gets its digest, in order, and what cannot be read is named', async () => {
  const digests = await hashFiles([...paths, 'none'], { hasher })
  expect(digests.map(({ path }) => path)).toEqual([...paths, 'none'])
  expect(digests[7]).toMatchObject({ hash: bytesHash(Buffer.from('text 7')) })
  expect(digests.at(-1)).toEqual({ status: 'missing', path: 'none' })
  expect(await hashFiles([], { hasher })).toEqual([])
})

test('three threads give what one gives', async () => {
  const many = Array.from({ length: 40 }, (_, round) => paths.map((path) => (round % 2 ? path : `./${path}`))).flat()
  const started: Worker[] = []
  const startWorker = () => {
    const worker = new Worker(WORKER, { workerData: root })
    started.push(worker)
    return worker
  }
  expect(await hashFiles(many, { hasher, startWorker, threads: 3 })).toEqual(hasher(many))
  expect(started.map(({ threadId }) => threadId)).toEqual([-1, -1])
})

test('another thread starts with the first files while the last ones are still being named', async () => {
  const slow = new Int32Array(new SharedArrayBuffer(4))
  const hashing = openFileHashing({
    // So slow that the other thread, which goes towards it, surely has the first file by then.
    hasher: (named) => named.map((path) => (Atomics.wait(slow, 0, 0, 2), { status: 'unreadable', path })),
    startWorker: () => new Worker(WORKER, { workerData: root }),
  })
  for (let index = 0; index < 2000; index += 1) hashing.add('file-1')
  const digests = await hashing.finish()
  expect(digests.slice(0, 1)).toEqual(hasher(['file-1']))
  expect(digests.at(-1)).toEqual({ status: 'unreadable', path: 'file-1' })
})

test('a thread is told of every batch, those named before it was started and those named after', async () => {
  const seen = new Int32Array(new SharedArrayBuffer(4))
  const script = `const { parentPort, workerData } = require('node:worker_threads')
parentPort.on('message', (message) => {
  if (message === 'end') return parentPort.postMessage('[]')
  Atomics.add(workerData, 0, 1)
  Atomics.notify(workerData, 0)
})`
  const hashing = openFileHashing({
    hasher: (named) => {
      while (Atomics.load(seen, 0) < 63) if (Atomics.wait(seen, 0, Atomics.load(seen, 0), 10_000) === 'timed-out') break
      return named.map((path) => ({ status: 'missing', path }))
    },
    startWorker: () => new Worker(script, { eval: true, workerData: seen }),
  })
  for (let index = 0; index < 2000; index += 1) hashing.add(`file-${index}`)
  expect(await hashing.finish()).toHaveLength(2000)
  expect(seen[0]).toBe(63)
})

test('the other side answers once, at the end, with the batches that it was the first to take', async () => {
  const { port1, port2 } = new MessageChannel()
  answerHashFiles(port1, hasher)
  const [free, taken] = [new Int32Array(new SharedArrayBuffer(4)), new Int32Array(new SharedArrayBuffer(4))]
  taken[0] = 1
  port2.postMessage({ index: 0, paths: ['file-1'], taken })
  port2.postMessage({ index: 1, paths: ['file-2', 'none'], taken: free })
  port2.postMessage('end')
  const [answer] = await once(port2, 'message')
  port2.close()
  expect(JSON.parse(answer)).toEqual([{ index: 1, digests: hasher(['file-2', 'none']) }])
  expect(free[0]).toBe(1)
})

test('a few files start no thread', async () => {
  const startWorker = () => {
    throw new Error('started')
  }
  expect(await hashFiles(paths, { hasher, startWorker })).toHaveLength(200)
})

/** Takes the first batch as `answerHashFiles` does and then fails; the host waits until it has, so that there is something missing. */
function failing(code: string) {
  const hasTaken = new Int32Array(new SharedArrayBuffer(4))
  const script = `const { parentPort, workerData } = require('node:worker_threads')
parentPort.once('message', ({ taken }) => {
  Atomics.store(taken, 0, 1)
  Atomics.store(workerData, 0, 1)
  Atomics.notify(workerData, 0)
  ${code}
})`
  return {
    startWorker: () => new Worker(script, { eval: true, workerData: hasTaken }),
    hasher: (named: readonly string[]) => (Atomics.wait(hasTaken, 0, 0), hasher(named)),
  }
}

test.each([
  ['throws', 'throw new Error("broken thread")', 'broken thread'],
  ['ends without an answer', 'process.exit(0)', /ended/],
])('a thread that took files and %s is an exception', async (_, code, message) => {
  const many = Array.from({ length: 4000 }, () => 'file-1')
  await expect(hashFiles(many, failing(code))).rejects.toThrow(message)
})

test('a thread that is still starting when nothing is left to take is not waited for', async () => {
  const many = Array.from({ length: 4000 }, () => 'file-1')
  const startWorker = () => new Worker('setInterval(() => {}, 1000)', { eval: true })
  expect(await hashFiles(many, { hasher, startWorker })).toHaveLength(4000)
})
