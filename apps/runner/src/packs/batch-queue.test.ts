import { expect, test } from 'vitest'

import { createBatchQueue, type Batch } from './batch-queue.ts'
import type { DerivedFile, KnownSource } from './derivation.ts'

const batches = (count: number) =>
  Array.from({ length: count }, (_, id): Batch => {
    const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    return { id, sources: [{ path: `f-${id}`, hash: '0'.repeat(64) }], taken }
  })
const answer = (sources: readonly KnownSource[]): DerivedFile[] =>
  sources.map(({ path }) => ({ status: 'not_packed', path, reason: 'unreadable' }))

/** A thread that says which batches it answered; `begin` may hold it up. */
function thread(begin: () => Promise<unknown> = () => Promise.resolve()) {
  const answered: number[] = []
  const failures: unknown[] = []
  const queue = createBatchQueue(
    (sources) => begin().then(() => answer(sources)),
    ({ id }) => answered.push(id),
    (error) => failures.push(error),
  )
  return { queue, answered, failures }
}

test('a thread that is busy leaves what it was told of to others', async () => {
  const { promise: isFree, resolve: free } = Promise.withResolvers()
  const busy = thread(() => isFree)
  const other = thread()
  const all = batches(5)
  for (const batch of all) busy.queue.add(batch)
  await expect.poll(() => all.map(({ taken }) => taken[0])).toEqual([1, 0, 0, 0, 0])
  for (const batch of all) other.queue.add(batch)
  await expect.poll(() => other.answered).toEqual([1, 2, 3, 4])
  free(undefined)
  await expect.poll(() => busy.answered).toEqual([0])
})

test('what is cleared is not begun, and a failure is told', async () => {
  const failing = thread(() => Promise.reject(new Error('no memory')))
  const [first, second] = batches(2)
  if (first) failing.queue.add(first)
  await expect.poll(() => failing.failures).toEqual([new Error('no memory')])
  const idle = thread()
  if (second) idle.queue.add(second)
  idle.queue.clear()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect([idle.answered, second?.taken[0]]).toEqual([[], 0])
})
