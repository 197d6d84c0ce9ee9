import { ProviderError } from '@ctxlock/contracts/provider'
import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { jsonLines } from './json-lines.ts'
import { serverSentEvents } from './server-sent-events.ts'
import type { StreamItem, StreamReader } from './stream-item.ts'

const SEED = 20_261_120

async function* inPieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array, void, undefined> {
  let start = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, cut)
    start = cut
  }
}

async function read(reader: StreamReader, bytes: string | Uint8Array, cuts?: readonly number[]): Promise<StreamItem[]> {
  const items: StreamItem[] = []
  for await (const item of reader(inPieces(Buffer.from(bytes), cuts))) items.push(item)
  return items
}

async function data(reader: StreamReader, bytes: string): Promise<string[]> {
  return (await read(reader, bytes)).map((item) => item.data)
}

describe('serverSentEvents', () => {
  test.each([
    ['LF', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['mixed', 'data: a\r\n\ndata: b\r\r', ['a', 'b']],
    ['no space', 'data:a\n\n', ['a']],
    ['one space goes, the next stays', 'data:  a\n\n', [' a']],
    ['several lines', 'data: a\ndata: b\n\n', ['a\nb']],
    ['empty data', 'data\n\ndata:\n\n', ['', '']],
    ['comments and unknown fields', ': ping\n\nevent: x\nid: 7\nretry: 1\nfoo: bar\ndata: a\n\n', ['a']],
    ['a field that only starts like data', 'database: x\n\n', []],
    ['blank lines alone', '\n\n\n', []],
    ['byte order mark', '\uFEFFdata: a\n\n', ['a']],
    ['a second byte order mark is text', 'data: \uFEFFa\n\n', ['\uFEFFa']],
    ['line separators of other standards', 'data: a\u2028b\u0085c\n\n', ['a\u2028b\u0085c']],
  ])('%s', async (_, text, expected) => expect(await data(serverSentEvents, text)).toEqual(expected))

  test('events have names, until the next blank line', async () => {
    const items = await read(serverSentEvents, 'event: error\ndata: a\n\ndata: b\n\nevent:ping\n\ndata: c\n\n')
    expect(items.map(({ data: value, event }) => [event, value])).toEqual([
      ['error', 'a'],
      [undefined, 'b'],
      [undefined, 'c'],
    ])
  })

  test.each([
    ['without data', 'event: error\n\n', '', true],
    ['cut before its data', 'event: error\n', '', false],
    ['cut inside its name', 'event: error', '', false],
    ['as a field of its own', 'error: {"code":500}\n\n', '{"code":500}', true],
  ])('an error is never dropped: %s', async (_, text, value, complete) => {
    expect(await read(serverSentEvents, text)).toEqual([{ data: value, complete, validUtf8: true, event: 'error' }])
  })

  test.each([
    ['at once', '{"a":1}', '{"a":1}', false],
    ['behind comments', ': ping\n\n\n{"a":1}\n', '{"a":1}', false],
    ['in lines', '[\n {\n  "data": 1\n }\n]\n', '[\n {\n  "data": 1\n }\n]', false],
    ['before an end mark', '{"a":1}\n\n', '{"a":1}', true],
  ])('a document in place of events is given whole: %s', async (_, text, value, complete) => {
    expect(await read(serverSentEvents, text)).toEqual([{ data: value, complete, validUtf8: true, whole: true }])
  })

  test('behind an event there is no document', async () => {
    expect(await data(serverSentEvents, 'data: a\n\n{"b":1}\n\ndata: c\n\n')).toEqual(['a', 'c'])
  })

  test('an event the stream ended in comes last, marked', async () => {
    for (const text of ['data: a\n\ndata: b', 'data: a\n\ndata: b\n', 'data: a\r\n\r\ndata: b\r\n']) {
      const items = await read(serverSentEvents, text)
      expect(items.map(({ data: value, complete }) => [value, complete])).toEqual([
        ['a', true],
        ['b', false],
      ])
    }
    expect((await read(serverSentEvents, 'data: a\n\nda')).at(-1)).toMatchObject({ data: '', complete: false })
    expect(await data(serverSentEvents, 'data: a\n\n: cut comm')).toEqual(['a'])
  })
})

describe('jsonLines', () => {
  test.each([
    ['LF', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['blank lines', '\n{"a":1}\n\n \n', ['{"a":1}']],
    ['a carriage return is white space', '{"a":1}\r\n', ['{"a":1}\r']],
    ['no last line end', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ])('%s', async (_, text, expected) => expect(await data(jsonLines, text)).toEqual(expected))

  test('only the last line may be incomplete', async () => {
    expect((await read(jsonLines, '{"a":1}\n{"b"')).map(({ complete }) => complete)).toEqual([true, false])
  })
})

describe('both readers', () => {
  const readers = [
    ['serverSentEvents', serverSentEvents],
    ['jsonLines', jsonLines],
  ] as const
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '🦙', '\uFEFF', '\n', '\r', ':', ' ', 'data', '{"x":"ü"}', '\0'),
  })

  test.each(readers)(`%s gives the same items however the bytes are cut (seed ${SEED})`, async (_, reader) => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(200), { maxLength: 20 }), async (written, cuts) => {
        const bytes = Buffer.from(written)
        const inside = cuts.filter((cut) => cut <= bytes.length)
        expect(await read(reader, bytes, inside)).toEqual(await read(reader, bytes))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test.each(readers)(`%s takes any bytes and says when they are no UTF-8 (seed ${SEED})`, async (_, reader) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const framed = Buffer.concat([Buffer.from('data: '), bytes, Buffer.from('\n\n')])
        for (const { data: value, validUtf8 } of await read(reader, framed))
          expect(validUtf8 || value.includes('\uFFFD')).toBe(true)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test.each(readers)('%s does not call a real U+FFFD invalid', async (_, reader) => {
    expect((await read(reader, 'data: \uFFFD\n\n')).every(({ validUtf8 }) => validUtf8)).toBe(true)
  })

  test.each(readers)('%s cuts off a message over the limit before it is whole', async (_, reader) => {
    let pulled = 0
    const endless = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for (;;) {
        pulled += 1
        yield Buffer.from('data: xxxxxxxxxxxxxxxx')
      }
    }
    const error = await providerErrorOf(async () => {
      for await (const _item of reader(endless(), 1000)) throw new Error('no item was expected')
    })
    expect(error).toBeInstanceOf(ProviderError)
    expect(error.code).toBe('response_too_large')
    expect(pulled).toBeLessThan(60)
  })

  test('many short data lines of one event count together', async () => {
    const error = await providerErrorOf(async () => {
      for await (const _item of serverSentEvents(inPieces(Buffer.from('data: xxxxxxxx\n'.repeat(1000))), 500)) break
    })
    expect(error.code).toBe('response_too_large')
  })
})
