import fc from 'fast-check'
import { expect, test } from 'vitest'

import { serverEvents, type ServerEvent } from './server-events.ts'

const SEED = 20261122

/** The text as a stream whose chunks end anywhere, in the middle of characters too. */
function streamOf(text: string, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let start = 0; start < bytes.length; start += size) controller.enqueue(bytes.slice(start, start + size))
      controller.close()
    },
  })
}

test('events come whole however the bytes are cut, and what is no event is passed over', async () => {
  const text =
    'event: recorded\ndata: ["ä🙂"]\nid: 7\n\n: still here\n\nevent: changed\ndata: {"a":": b"}\n\ndata: cut o'
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (size) => {
      const events: ServerEvent[] = []
      for await (const event of serverEvents(streamOf(text, size))) events.push(event)
      expect(events).toEqual([
        { id: '7', event: 'recorded', data: '["ä🙂"]' },
        { id: undefined, event: 'changed', data: '{"a":": b"}' },
      ])
    }),
    { seed: SEED },
  )
})
