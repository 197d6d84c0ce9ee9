import { checkUnhashed } from '@ctxlock/contracts/events'
import { draftOf } from '@ctxlock/contracts/testing'
import { expect, test } from 'vitest'

import { listedParts } from './listed-parts.ts'

test.each([
  [0, []],
  [1, [1]],
  [256, [256]],
  [600, [256, 256, 88]],
])('%i items are %j to an event, all of them in order', (length, sizes) => {
  const items = Array.from({ length }, (_, at) => at)
  const parts = listedParts(items)
  expect(parts.map((part) => part.length)).toEqual(sizes)
  expect(parts.flat()).toEqual(items)
})

test('a part is as long as an event takes', () => {
  const sealed = (segments: { from: number; to: number }[]) => {
    const own = { event_id: crypto.randomUUID(), timestamp: '2026-01-01T00:00:00.000Z', salt: '0'.repeat(32), seq: 1 }
    const envelope = { ...own, prev_hash: '0'.repeat(64), schema_version: 'hsk.fr_event@1' }
    return checkUnhashed({ ...draftOf('log_sealed'), ...envelope, payload: { segments } }).ok
  }
  const [part = [], next = []] = listedParts(Array.from({ length: 257 }, (_, at) => ({ from: at + 1, to: at + 1 })))
  expect([sealed(part), sealed([...part, ...next])]).toEqual([true, false])
})
