import type { AnchorSink } from '@ctxlock/contracts/plugin'
import { expect, test } from 'vitest'

import { sinkConformance } from './sink-conformance.ts'

interface Memory {
  note: string | undefined
}

const memorySink = (memory: Memory): AnchorSink => ({
  latest: async () => memory.note,
  async anchor({ note, tiles }) {
    for (const { bytes } of tiles(0)) expect(bytes.length % 32).toBe(0)
    memory.note = note
  },
  close: async () => undefined,
})

const casesOf = (open: (memory: Memory) => AnchorSink) =>
  sinkConformance({
    place: () => {
      const memory: Memory = { note: undefined }
      return { open: () => open(memory), remove: () => undefined }
    },
  })

for (const { name, run } of casesOf(memorySink)) test(name, run)

const FAULTS: Record<string, (sink: AnchorSink, memory: Memory) => Partial<AnchorSink>> = {
  empty: () => ({ latest: async () => 'something' }),
  kept: (sink) => ({ latest: async () => (await sink.latest())?.replace('—', '-') }),
  newest: (sink, memory) => ({ anchor: async (request) => (memory.note ? undefined : sink.anchor(request)) }),
  twice: (sink, memory) => ({
    anchor: async (request) => {
      if (memory.note === request.note) throw new Error('It is there.')
      await sink.anchor(request)
    },
  }),
  whole: (sink, memory) => ({
    async anchor(request) {
      memory.note = ''
      await sink.anchor(request)
    },
  }),
  asked: (sink) => ({
    async anchor(request) {
      request.consistencyProof(request.size - 1)
      await sink.anchor(request)
    },
  }),
}

test.each(Object.entries(FAULTS))('the case "%s" notices a sink that does otherwise', async (name, fault) => {
  const cases = casesOf((memory) => {
    const sink = memorySink(memory)
    return { ...sink, ...fault(sink, memory) }
  })
  const found = cases.find((one) => one.name.startsWith(`${name}:`))
  await expect(found?.run()).rejects.toThrow()
})
