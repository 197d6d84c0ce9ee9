import { ProviderError } from '@ctxlock/contracts/provider'
import type { StreamEvent } from '@ctxlock/contracts/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { END, json, lines, memoryClient, said } from './memory-client.ts'

const SEED = 20_261_120
const piece = fc.string({
  minLength: 1,
  maxLength: 8,
  unit: fc.constantFrom('a', 'é', '🦙', '\n', '"', '\\', '\u2028', '}'),
})
const recorded = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => ({
  text: pieces.join(''),
  bytes: Buffer.from(lines(...pieces.map((content) => said(content)), said('', END)).chunks.join('')),
}))

async function outcome(chunks: readonly Uint8Array[]) {
  const events: StreamEvent[] = []
  const { client } = memoryClient([{ headers: { 'content-type': 'application/x-ndjson' }, chunks }])
  try {
    const call = client.prepareChat({ model: 'llama3.2', messages: [{ role: 'user', content: 'hi' }] })
    const { text, usage } = await call.send({ onEvent: (event) => events.push(event) })
    return { text, usage, events }
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
}

test(`any split of a stream gives the same events and the same result (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(recorded, fc.array(fc.nat(900), { maxLength: 30 }), async ({ text, bytes }, cuts) => {
      const ends = [...cuts.filter((cut) => cut < bytes.length).toSorted((left, right) => left - right), bytes.length]
      const split = await outcome(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))
      expect(split).toEqual(await outcome([bytes]))
      expect(split).toMatchObject({ text })
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test(`a stream cut anywhere is truncated, or whole but for its last line end (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(recorded, async ({ text, bytes }) => {
      for (let end = 0; end < bytes.length; end += 1) {
        const cut = await outcome([bytes.subarray(0, end)])
        if (end === bytes.length - 1) expect(cut).toMatchObject({ text })
        else expect(cut).toMatchObject({ code: 'stream_truncated' })
      }
    }),
    { seed: SEED, numRuns: 5 },
  )
})

test(`a damaged byte, or any JSON, gives an answer or a ProviderError (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      recorded,
      fc.nat(),
      fc.nat(255),
      fc.jsonValue({ maxDepth: 4 }),
      async ({ bytes }, position, value, any) => {
        const damaged = Buffer.from(bytes)
        damaged[position % damaged.length] = value
        await outcome([damaged])
        for (const body of [
          any,
          { message: any, done: true },
          { message: { content: 'a', tool_calls: any }, done: any },
          { error: any },
        ]) {
          const { client } = memoryClient([json(body)])
          const call = client.prepareChat({
            model: 'llama3.2',
            messages: [{ role: 'user', content: 'hi' }],
            stream: false,
          })
          const settled = await call.send().catch((error: unknown) => error)
          if (settled instanceof Error) expect(settled).toBeInstanceOf(ProviderError)
        }
      },
    ),
    { seed: SEED, numRuns: 300 },
  )
})
