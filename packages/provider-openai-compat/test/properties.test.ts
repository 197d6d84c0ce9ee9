import type { GenerationResult, StreamEvent } from '@ctxlock/contracts/provider'
import { ProviderError } from '@ctxlock/contracts/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { answer, delta, json, memoryClient } from './memory-client.ts'

const SEED = 20_261_120
const USAGE = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 9, total_tokens: 14 } }

const piece = fc.string({
  minLength: 1,
  maxLength: 8,
  unit: fc.constantFrom('a', 'é', '🦙', '\n', '"', '\\', '\u2028', 'data: ', '[DONE]', '}'),
})
const recorded = fc
  .record({
    pieces: fc.array(piece, { minLength: 1, maxLength: 6 }),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    comments: fc.boolean(),
  })
  .map(({ pieces, lineEnd, comments }) => {
    const messages = [...pieces.map((content) => delta({ content })), delta({}, 'stop'), USAGE]
    const data = [...messages.map((message) => JSON.stringify(message)), '[DONE]']
    const body = data
      .map((item) => `${comments ? `: ping${lineEnd}${lineEnd}` : ''}data: ${item}${lineEnd}${lineEnd}`)
      .join('')
    return { text: pieces.join(''), bytes: Buffer.from(body) }
  })

async function read(
  chunks: readonly Uint8Array[],
): Promise<{ readonly result: GenerationResult; readonly events: StreamEvent[] }> {
  const events: StreamEvent[] = []
  const { client } = memoryClient([{ headers: { 'content-type': 'text/event-stream' }, chunks }])
  const call = client.prepareChat({ model: 'm1', messages: [{ role: 'user', content: 'hi' }] })
  return { result: await call.send({ onEvent: (event) => events.push(event) }), events }
}

async function outcome(chunks: readonly Uint8Array[]): Promise<string | ProviderError> {
  try {
    return (await read(chunks)).result.text
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.filter((cut) => cut < bytes.length).toSorted((left, right) => left - right), bytes.length]
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

test(`any split of a stream gives the same events and the same result (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(recorded, fc.array(fc.nat(1500), { maxLength: 30 }), async ({ text, bytes }, cuts) => {
      const whole = await read([bytes])
      const split = await read(cutAt(bytes, cuts))
      expect(split.events).toEqual(whole.events)
      expect({ ...split.result, timings: undefined }).toEqual({ ...whole.result, timings: undefined })
      expect(split.result.text).toBe(text)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test(`a stream cut anywhere is an error or the full text (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(recorded, async ({ text, bytes }) => {
      for (let end = 0; end < bytes.length; end += 1) {
        const cut = await outcome([bytes.subarray(0, end)])
        if (cut instanceof ProviderError) expect(cut.code).toBe('stream_truncated')
        else expect(cut).toBe(text)
      }
    }),
    { seed: SEED, numRuns: 5 },
  )
})

test(`a damaged byte gives an answer or a ProviderError, whole or streamed (seed ${SEED})`, async () => {
  const whole = Buffer.from(JSON.stringify(answer({ content: 'Grüße 🦙' }, { usage: USAGE.usage })))
  await fc.assert(
    fc.asyncProperty(recorded, fc.nat(), fc.nat(255), async ({ bytes }, position, value) => {
      const streamed = Buffer.from(bytes)
      streamed[position % streamed.length] = value
      await outcome([streamed])
      const damaged = Buffer.from(whole)
      damaged[position % damaged.length] = value
      const { client } = memoryClient([{ ...json({}), chunks: [damaged] }])
      const settled = await client
        .prepareChat({ model: 'm1', messages: [{ role: 'user', content: 'hi' }], stream: false })
        .send()
        .catch((error: unknown) => error)
      if (settled instanceof Error) expect(settled).toBeInstanceOf(ProviderError)
    }),
    { seed: SEED, numRuns: 500 },
  )
})

test(`an answer of any JSON gives a result or a ProviderError (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 3 }), async (value, inner) => {
      for (const body of [
        value,
        { choices: value },
        { choices: [value] },
        { choices: [{ message: value, finish_reason: inner }], usage: inner },
        { error: value },
      ]) {
        const { client } = memoryClient([json(body)])
        const settled = await client
          .prepareChat({ model: 'm1', messages: [{ role: 'user', content: 'hi' }], stream: false })
          .send()
          .catch((error: unknown) => error)
        if (settled instanceof Error) expect(settled).toBeInstanceOf(ProviderError)
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
})
