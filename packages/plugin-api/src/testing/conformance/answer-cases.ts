import { deepEqual, equal, ok } from 'node:assert/strict'

import type { GenerationResult, StreamEvent } from '@ctxlock/contracts/provider'
import { ProviderError } from '@ctxlock/contracts/provider'

import type { ScriptedBytes } from '../fake-server.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { providerErrorOf } from './expect-error.ts'
import { responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'
import { seededFractions, seededPieces } from './seeded.ts'
import type { WireExample } from './target-examples.ts'

const SPLITS = 50
const SAMPLES = 40
const SEED = 20_261_120

/** Answers as they must be read however the network cuts them. */
export function answerCases(target: ProviderTarget): readonly ConformanceCase[] {
  return [
    {
      name: 'answer: a whole answer is read',
      run: () =>
        withBench(target, [responding(target.answer)], async ({ chat }) => expectAnswer(await chat(), target.answer)),
    },
    {
      name: 'answer: something that is not JSON is a protocol error',
      run: () =>
        withBench(target, [responding({ ...target.answer, body: '{"half":' })], async ({ chat }) => {
          equal((await providerErrorOf(chat())).code, 'protocol')
        }),
    },
    ...(target.stream ? streamCases(target, target.stream) : []),
  ]
}

function streamCases(target: ProviderTarget, stream: WireExample): readonly ConformanceCase[] {
  const read = (body: readonly ScriptedBytes[]): Promise<Reading> =>
    withBench(target, [{ status: 200, headers: stream.headers, body }], async ({ chat }) => {
      const events: StreamEvent[] = []
      const result = await chat({ stream: true, onEvent: (event) => events.push(event) })
      return { result, events }
    })
  return [
    {
      name: 'stream: a streamed answer is read and its deltas add up to it',
      run: async () => {
        const { result, events } = await read([{ bytes: stream.body }])
        expectAnswer(result, stream)
        equal(
          events
            .filter(({ type }) => type === 'text')
            .map(({ text }) => text)
            .join(''),
          stream.text,
        )
      },
    },
    {
      name: `stream: ${SPLITS} seeded splits give the same events (seed ${SEED})`,
      run: async () => {
        const whole = await read([{ bytes: stream.body }])
        for (let split = 0; split < SPLITS; split += 1) {
          const { result, events } = await read(seededPieces(stream.body, SEED + split))
          deepEqual(events, whole.events, `expected split ${split} to give the same events`)
          equal(result.text, whole.result.text)
          deepEqual(result.usage, whole.result.usage)
        }
      },
    },
    {
      name: `stream: cut anywhere it is an error or the full answer, never a shorter one (seed ${SEED})`,
      run: async () => {
        const bytes = Buffer.from(stream.body)
        for (const at of sampledPositions(bytes.length)) {
          const outcome = await settled(read([{ bytes: bytes.subarray(0, at) }]))
          if (outcome instanceof ProviderError) continue
          equal(outcome.result.text, stream.text, `expected the cut at byte ${at} not to shorten the answer`)
        }
      },
    },
    {
      name: `stream: one damaged byte never crashes or hangs it (seed ${SEED})`,
      run: async () => {
        const next = seededFractions(SEED)
        for (const at of sampledPositions(Buffer.byteLength(stream.body))) {
          const bytes = Buffer.from(stream.body)
          bytes[at] = Math.floor(next() * 256)
          // Either an answer or a ProviderError; anything else, and silence, fails the case.
          await settled(read([{ bytes }]))
        }
      },
    },
  ]
}

interface Reading {
  readonly result: GenerationResult
  readonly events: readonly StreamEvent[]
}

async function settled(reading: Promise<Reading>): Promise<Reading | ProviderError> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
}

function expectAnswer(result: GenerationResult, example: WireExample): void {
  equal(result.text, example.text)
  equal(result.attempts, 1)
  ok(result.timings.totalMs >= 0)
  const { usage } = result
  for (const count of [usage.inputTokens, usage.outputTokens, usage.totalTokens]) {
    ok(count === null || count > 0, 'expected unknown counts to be null, not zero')
  }
  if (usage.source === 'none') equal(usage.totalTokens, null)
}

/** Every position of a short text, a seeded sample of a long one. */
function sampledPositions(length: number): readonly number[] {
  if (length <= SAMPLES) return Array.from({ length }, (_, position) => position)
  const next = seededFractions(SEED)
  return Array.from({ length: SAMPLES }, () => Math.floor(next() * length))
}
