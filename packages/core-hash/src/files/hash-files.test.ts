import * as files from 'node:fs'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { bytesHash } from '../sha256.ts'
import { createFileHasher } from './file-hasher.ts'
import { hashFiles } from './hash-files.ts'

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
const hashFile = (path: string) => createFileHasher({ files, root })(path)

test('every path gets its digest, in order, and what cannot be read is named', async () => {
  const digests = await hashFiles([...paths, 'none'], { hashFile })
  expect(digests.map(({ path }) => path)).toEqual([...paths, 'none'])
  expect(digests[7]).toMatchObject({ hash: bytesHash(Buffer.from('text 7')) })
  expect(digests.at(-1)).toEqual({ status: 'missing', path: 'none' })
  expect(await hashFiles([], { hashFile })).toEqual([])
})

test('three threads give what one gives', async () => {
  const many = Array.from({ length: 40 }, (_, round) => paths.map((path) => (round % 2 ? path : `./${path}`))).flat()
  const started: Worker[] = []
  const startWorker = () => {
    const worker = new Worker(WORKER, { workerData: root })
    started.push(worker)
    return worker
  }
  const hasher = createFileHasher({ files, root })
  expect(await hashFiles(many, { hashFile: hasher, startWorker, threads: 3 })).toEqual(many.map(hasher))
  expect(started.map(({ threadId }) => threadId)).toEqual([-1, -1])
})

test('a few files start no thread', async () => {
  const startWorker = () => {
    throw new Error('started')
  }
  expect(await hashFiles(paths, { hashFile, startWorker })).toHaveLength(200)
})

/** Takes a batch as `answerHashFiles` does and then fails; the host waits until it has, so that there is something missing. */
function failing(code: string) {
  const taken = new Int32Array(new SharedArrayBuffer(4))
  const script = `const { parentPort, workerData } = require('node:worker_threads')
parentPort.once('message', ({ next }) => {
  Atomics.add(next, 0, 32)
  Atomics.store(workerData, 0, 1)
  Atomics.notify(workerData, 0)
  ${code}
})`
  return {
    startWorker: () => new Worker(script, { eval: true, workerData: taken }),
    hashFile: (path: string) => (Atomics.wait(taken, 0, 0), hashFile(path)),
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
  expect(await hashFiles(many, { hashFile, startWorker })).toHaveLength(4000)
})
