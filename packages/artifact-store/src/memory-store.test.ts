import { bytesHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { createMemoryStore } from './memory-store.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('gives back what was put under its hash, whatever happens to the bytes outside', () => {
  const store = createMemoryStore()
  const bytes = Buffer.from('report')
  const { content_hash } = store.put(bytes, { kind: 'report', classification: 'low' })
  expect(content_hash).toBe(bytesHash(Buffer.from('report')))
  bytes.fill(0)
  store.get(content_hash).fill(0)
  expect([text(store.get(content_hash)), store.has(content_hash)]).toEqual(['report', true])
})

test('refuses what the store in a database refuses', () => {
  const store = createMemoryStore()
  const hash = bytesHash(Buffer.from('nothing'))
  expect(store.has(hash)).toBe(false)
  expect(() => store.get(hash)).toThrowError(expect.objectContaining({ code: 'ARTIFACT_MISSING' }))
  expect(() => store.put(Buffer.from('a'), { kind: 'report', classification: 'high' })).toThrowError(
    expect.objectContaining({ code: 'ARTIFACT_INVALID' }),
  )
})
