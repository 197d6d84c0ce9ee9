import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import type { StreamEvent } from '@ctxlock/contracts/provider'
import { describe, expect, test } from 'vitest'

import { createAnswer } from './answer.ts'
import type { Expectation } from './answer.ts'
import type { AnswerPart } from './answer-part.ts'
import { answerSchema } from './json-answer.ts'
import { fewestTokens, looksTruncated } from './prompt-size.ts'
import { toolCheck } from './tool-calls.ts'

const EXPECTED: Expectation = {
  model: 'm',
  aliases: [],
  strictModel: false,
  maxOutputTokens: undefined,
  fewestPromptTokens: 0,
  tools: toolCheck([{ name: 'look', parameters: { type: 'object' } }], 'auto'),
  schema: undefined,
  finishReasons: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
}

function judge(parts: readonly AnswerPart[], changes: Partial<Expectation> = {}) {
  const answer = createAnswer({ ...EXPECTED, ...changes }, () => {})
  for (const part of parts) answer.add(part)
  return answer.complete({})
}

const STOP = { text: 'hi', finish: 'stop' }

describe('createAnswer', () => {
  test('deltas are passed on as they come, reasoning apart from text', () => {
    const events: StreamEvent[] = []
    const answer = createAnswer(EXPECTED, (event) => events.push(event))
    expect(answer.seen).toBe(false)
    for (const part of [{ reasoning: 'th' }, { text: '' }, { text: 'a' }, { text: 'b', finish: 'stop' }])
      answer.add(part)
    expect(answer.seen).toBe(true)
    expect(events).toEqual([
      { type: 'reasoning', text: 'th' },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ])
    expect(answer.complete({})).toMatchObject({ text: 'ab', reasoning: 'th', finishReason: 'stop' })
  })

  test('later usage replaces earlier usage, and what is not said stays unknown', () => {
    const parts = [
      { usage: { inputTokens: 5, outputTokens: 1 } },
      { ...STOP, usage: { inputTokens: 5, outputTokens: 2 } },
    ]
    expect(judge(parts).usage).toEqual({
      inputTokens: 5,
      outputTokens: 2,
      totalTokens: 7,
      cachedInputTokens: null,
      reasoningTokens: null,
      source: 'provider',
      complete: true,
    })
    expect(judge([STOP]).usage).toMatchObject({
      inputTokens: null,
      outputTokens: null,
      totalTokens: null,
      source: 'none',
      complete: false,
    })
    expect(judge([{ ...STOP, usage: { inputTokens: 5 } }]).usage).toMatchObject({
      outputTokens: null,
      totalTokens: null,
      complete: false,
    })
  })

  test('a thinking block at the start of the text is reasoning', () => {
    const events: StreamEvent[] = []
    const answer = createAnswer(EXPECTED, (event) => events.push(event))
    for (const text of ['<th', 'ink>hm</thi', 'nk>', '\n4', '2']) answer.add({ text })
    answer.add({ finish: 'stop' })
    expect(answer.complete({})).toMatchObject({ text: '42', reasoning: 'hm' })
    expect(events.map(({ type, text }) => [type, text])).toEqual([
      ['reasoning', 'hm'],
      ['text', '4'],
      ['text', '2'],
    ])
    const schema = answerSchema({ type: 'json' })
    expect(judge([{ text: '<think>{</think>{"a":1}', finish: 'stop' }], { schema }).json).toEqual({ a: 1 })
    expect(judge([{ text: '<', finish: 'stop' }]).text).toBe('<')
  })

  test('text that was held back is part of what had arrived', () => {
    const answer = createAnswer(EXPECTED, () => {})
    answer.add({ text: '<thi' })
    expect(answer.seen).toBe(false)
    expect(answer.partial.partialText).toBe('<thi')
  })

  test('an empty count, name, reason or id replaces none', () => {
    const said = { inputTokens: 5, outputTokens: 2, totalTokens: 7, cachedInputTokens: 4 }
    const parts = [
      { text: 'hi', model: 'm', finish: 'stop', usage: said, meta: { id: 'x1' } },
      { model: '', finish: '', usage: {}, meta: { id: '', fingerprint: undefined } },
      { usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 }, meta: { id: undefined } },
    ]
    expect(judge(parts)).toMatchObject({ finishReason: 'stop', responseModel: 'm', usage: said, meta: { id: 'x1' } })
  })

  test('counts of several reports come together, a total with the counts it sums', () => {
    const first = { inputTokens: 5, outputTokens: 1, totalTokens: 6, cachedInputTokens: undefined }
    const parts = [{ usage: first }, { ...STOP, usage: { outputTokens: 3, cachedInputTokens: 0 } }]
    expect(judge(parts).usage).toEqual({
      inputTokens: 5,
      outputTokens: 3,
      totalTokens: 8,
      cachedInputTokens: 0,
      reasoningTokens: null,
      source: 'provider',
      complete: true,
    })
  })

  test('every name of a model that an answer gives is judged', async () => {
    const parts = [{ text: 'a', model: 'other' }, { model: 'm' }, { ...STOP, model: '' }]
    expect(judge(parts)).toMatchObject({ responseModel: 'other', warnings: ['model_mismatch'] })
    expect(await providerErrorOf(() => judge(parts, { strictModel: true }))).toMatchObject({ reason: 'model_mismatch' })
  })

  test('a failure is not undone by what follows', async () => {
    const parts = [{ text: 'a', finish: 'error' }, { finish: 'stop' }]
    expect((await providerErrorOf(() => judge(parts))).code).toBe('upstream_error')
  })

  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['eos_token', 'unknown'],
    ['', 'unknown'],
    ['constructor', 'unknown'],
  ])('finish reason %j is %s', (finish, expected) =>
    expect(judge([{ text: 'x', finish }])).toMatchObject({ finishReason: expected, rawFinishReason: finish }),
  )

  test.each(['error', 'abort', 'insufficient_system_resource', 'network_error'])(
    'an answer that ended with %s is no answer',
    async (finish) => {
      expect((await providerErrorOf(() => judge([{ text: 'x', finish }]))).code).toBe('upstream_error')
    },
  )

  test('a call of a tool makes the finish reason, whatever the server said', () => {
    const toolCalls = [{ index: 0, id: 'a', name: 'look', argumentsText: '{}' }]
    expect(judge([{ toolCalls, finish: 'stop' }]).finishReason).toBe('tool_calls')
    expect(judge([{ toolCalls, finish: 'length' }]).finishReason).toBe('length')
  })

  test('an answer without words is invalid, unless it was reasoned away or declined', async () => {
    expect(await providerErrorOf(() => judge([{ finish: 'stop' }]))).toMatchObject({
      code: 'protocol',
      reason: 'empty_answer',
    })
    expect(judge([{ reasoning: 'long', finish: 'length' }])).toMatchObject({
      text: '',
      warnings: ['empty_output_after_reasoning'],
    })
    expect(judge([{ finish: 'length', usage: { reasoningTokens: 100 } }])).toMatchObject({
      text: '',
      warnings: ['empty_output_after_reasoning'],
    })
    expect(judge([{ finish: 'content_filter' }])).toMatchObject({ text: '', finishReason: 'content_filter' })
    expect(judge([{ refusal: 'I will not.', finish: 'stop' }])).toMatchObject({
      text: 'I will not.',
      finishReason: 'content_filter',
      warnings: ['refusal'],
    })
  })

  test('a missing finish reason is warned about', () => {
    expect(judge([{ text: 'x' }])).toMatchObject({
      finishReason: 'unknown',
      rawFinishReason: null,
      warnings: ['missing_finish_reason'],
    })
  })

  test.each([
    ['m', [], false],
    ['m:latest', [], false],
    ['m-2026-01-01', ['m-2026-01-01'], false],
    ['other', [], true],
  ])('model %s with aliases %j: mismatch %s', async (model, aliases, mismatch) => {
    const warnings = judge([{ ...STOP, model }], { aliases }).warnings
    expect(warnings.includes('model_mismatch')).toBe(mismatch)
    if (mismatch) {
      expect(await providerErrorOf(() => judge([{ ...STOP, model }], { aliases, strictModel: true }))).toMatchObject({
        code: 'protocol',
        reason: 'model_mismatch',
      })
    }
  })

  test('more output than allowed is reported, far more in a stream is cut', async () => {
    expect(judge([{ ...STOP, usage: { outputTokens: 40 } }], { maxOutputTokens: 10 }).warnings).toEqual([
      'output_over_budget',
    ])
    const flood = Array.from({ length: 100 }, () => ({ text: 'tok ' }))
    const error = await providerErrorOf(() => judge(flood, { maxOutputTokens: 5 }))
    expect(error.code).toBe('budget_exceeded')
    expect((await providerErrorOf(() => judge([{ text: 'x'.repeat(5000) }], { maxOutputTokens: 5 }))).code).toBe(
      'budget_exceeded',
    )
    expect(judge([...flood.slice(0, 20), STOP], { maxOutputTokens: 20 }).text.length).toBe(82)
  })

  test('an answer that is called finished just where it had to end may be cut, and is warned about', () => {
    const warnings = (outputTokens: number, finish = 'stop') =>
      judge([{ ...STOP, finish, usage: { outputTokens } }], { maxOutputTokens: 10 }).warnings
    expect([warnings(10), warnings(9), warnings(10, 'length')]).toEqual([['stopped_at_output_limit'], [], []])
    expect(judge([STOP], {}).warnings).toEqual([])
  })

  test('an end that was told as cut or failed is not made good by a later one', () => {
    const ends = (...finishes: readonly string[]) =>
      judge([{ text: 'a' }, ...finishes.map((finish) => ({ finish }))], {}).finishReason
    expect([ends('length', 'stop'), ends('content_filter', 'stop'), ends('length', '')]).toEqual([
      'length',
      'content_filter',
      'length',
    ])
    expect([ends('stop', 'length'), ends('', 'stop'), ends('stop', '')]).toEqual(['length', 'stop', 'stop'])
    expect(() => ends('length', 'error')).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    expect(() => ends('error', 'stop')).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('counts that no model can have used are unknown', () => {
    const usage = { inputTokens: 2 ** 32 + 1, outputTokens: 2 ** 32, totalTokens: 2 ** 50 }
    expect(judge([{ ...STOP, usage }], {}).usage).toMatchObject({
      inputTokens: null,
      outputTokens: 2 ** 32,
      totalTokens: null,
      complete: false,
    })
  })

  test('a prompt that the server cut is warned about', () => {
    const prompt = 'word '.repeat(1000)
    const warnings = (inputTokens: number) =>
      judge([{ ...STOP, usage: { inputTokens } }], { fewestPromptTokens: fewestTokens([prompt]) }).warnings
    expect(warnings(400)).toEqual(['prompt_truncated_by_server'])
    expect(warnings(1010)).toEqual([])
    expect(looksTruncated(null, 1000)).toBe(false)
    expect(looksTruncated(1, 10)).toBe(false)
  })

  test('the fewest tokens of a text are its words, or a sixteenth of its bytes', () => {
    expect(fewestTokens(['a b  c', ''])).toBe(3)
    expect(fewestTokens(['漢'.repeat(160)])).toBe(30)
    expect(fewestTokens([' '.repeat(1000)])).toBe(0)
  })
})

describe('JSON answers', () => {
  const schema = answerSchema({
    type: 'json_schema',
    name: 'r',
    schema: { type: 'object', properties: { answer: { enum: ['yes', 'no'] } }, required: ['answer'] },
  })
  const answerWith = (text: string, finish = 'stop', changes: Partial<Expectation> = { schema }) =>
    judge([{ text, finish }], changes)

  test('a value that fits is returned beside its text', () => {
    expect(answerWith(' {"answer":"yes"} ')).toMatchObject({ json: { answer: 'yes' }, text: ' {"answer":"yes"} ' })
    expect(answerWith('[1]', 'stop', { schema: answerSchema({ type: 'json' }) }).json).toEqual([1])
    expect(answerSchema({ type: 'text' })).toBeUndefined()
  })

  test.each([
    ['prose', 'Sure! Yes.', 'stop', 'output_invalid', 'not_json'],
    [
      'a value that nests without end',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'stop',
      'output_invalid',
      'not_json',
    ],
    ['a fence', '```json\n{"answer":"yes"}\n```', 'stop', 'output_invalid', 'not_json'],
    ['a wrong value', '{"answer":"maybe"}', 'stop', 'output_invalid', 'schema'],
    ['a cut value', '{"answer":"y', 'length', 'output_truncated', undefined],
    ['a cut value that is called finished', '{"answer":"y', 'stop', 'output_invalid', 'not_json'],
    ['a refusal', 'no', 'content_filter', 'content_filter', undefined],
  ])('%s', async (_, text, finish, code, reason) => {
    const error = await providerErrorOf(() => answerWith(text, finish))
    expect(error.code).toBe(code)
    expect(error.reason).toBe(reason)
    if (text.length > 4) expect(error.message).not.toContain(text)
  })

  test('schemas of draft 7 and with an $id can be used again and again', () => {
    const reusable = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'https://example.test/r',
      type: 'string',
    }
    for (let turn = 0; turn < 3; turn += 1)
      expect(answerSchema({ type: 'json_schema', name: 'r', schema: reusable })?.('x')).toBeUndefined()
  })

  test('a schema that cannot be used is refused before anything is sent', async () => {
    for (const unusable of ['text', 7, { type: 'nonsense' }, { $ref: 'http://elsewhere.example/schema' }]) {
      expect(
        await providerErrorOf(() => answerSchema({ type: 'json_schema', name: 'r', schema: unusable })),
      ).toMatchObject({ code: 'invalid_request', attempts: 0 })
    }
  })
})
