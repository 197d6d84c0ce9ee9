import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import type { ToolChoice } from '@ctxlock/contracts/provider'
import { describe, expect, test } from 'vitest'

import type { ToolCallPart } from './answer-part.ts'
import { createToolCallDrafts, finishToolCalls, toolCheck } from './tool-calls.ts'

const TOOLS = [
  {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
  { name: 'clock', parameters: { type: 'object' } },
]

function finish(parts: readonly ToolCallPart[], { choice = 'auto' as ToolChoice, cutOff = false } = {}) {
  const drafts = createToolCallDrafts()
  for (const part of parts) drafts.add(part)
  return finishToolCalls(drafts.drafts(), toolCheck(TOOLS, choice), cutOff)
}

const OSLO = { index: 0, id: 'a', name: 'weather', argumentsText: '{"city":"Oslo"}' }

describe('tool calls', () => {
  test('fragments come together by index, in the order of the indexes', () => {
    const calls = finish([
      { index: 3, id: 'b', name: 'clock', argumentsText: '' },
      { index: 1, id: 'a' },
      { index: 1, name: 'weather', argumentsText: '{"ci' },
      { index: 1, argumentsText: 'ty":"Oslo"}' },
    ])
    expect(calls).toEqual([
      { id: 'a', name: 'weather', arguments: { city: 'Oslo' } },
      { id: 'b', name: 'clock', arguments: {} },
    ])
  })

  test.each([
    ['no index at all', undefined],
    ['the same index', 0],
  ])('calls with %s are told apart by id and name', (_, index) => {
    const calls = finish([
      { index, id: 'a', name: 'weather', argumentsText: '{"city":' },
      { index, argumentsText: '"Oslo"}' },
      { index, id: 'b', name: 'weather', argumentsText: '{"city":"Rome"}' },
    ])
    expect(calls.map(({ id, arguments: args }) => [id, args])).toEqual([
      ['a', { city: 'Oslo' }],
      ['b', { city: 'Rome' }],
    ])
  })

  test.each([
    ['the same index and empty ids', { index: 0, id: '' }],
    ['neither index nor id', {}],
  ])('calls with %s are told apart by their names and whole arguments', (_, same) => {
    const calls = finish([
      { ...same, name: 'weather', argumentsText: '{"city":"}{"' },
      { ...same, argumentsText: '}' },
      { ...same, name: 'weather', argumentsText: ' ' },
      { ...same, name: 'weather', argumentsText: '{"city":"Rome"}' },
      { ...same, name: 'clock', argumentsText: '{}' },
    ])
    expect(calls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ['weather', { city: '}{' }],
      ['weather', { city: 'Rome' }],
      ['clock', {}],
    ])
  })

  test('a new id on every fragment begins no new call', () => {
    const calls = finish([
      { index: 0, id: 'a', name: 'weather', argumentsText: '{"city":' },
      { index: 0, id: 'b', argumentsText: '"Oslo"}' },
      { index: 0, id: 'c', argumentsText: '' },
    ])
    expect(calls).toEqual([{ id: 'a', name: 'weather', arguments: { city: 'Oslo' } }])
  })

  test('many fragments of hostile arguments cost linear time', () => {
    const start = process.threadCpuUsage()
    const parts = Array.from({ length: 100_000 }, () => ({ index: 0, name: 'clock', argumentsText: '{"a":"{}' }))
    expect(() => finish(parts)).toThrow()
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(5000)
  })

  test('whole arguments without id or index are calls of their own, with made-up ids', () => {
    const part = { name: 'weather', arguments: { city: 'Oslo' } }
    expect(finish([part, part]).map(({ id }) => id)).toEqual(['call_0', 'call_1'])
  })

  test('calls of one id are told apart, since results are correlated by it', () => {
    expect(finish([OSLO, { ...OSLO, index: 1 }]).map(({ id }) => id)).toEqual(['a', 'a_1'])
    const named = [
      { ...OSLO, id: 'call_1' },
      { ...OSLO, index: 1, id: '' },
    ]
    expect(finish(named).map(({ id }) => id)).toEqual(['call_1', 'call_2'])
  })

  test('arguments that nest without end are invalid', async () => {
    const argumentsText = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    const error = await providerErrorOf(() => finish([{ ...OSLO, name: 'clock', argumentsText }]))
    expect(error.code).toBe('tool_call_invalid')
  })

  test('an id and a name that are repeated on every fragment are not doubled', () => {
    expect(
      finish([
        { ...OSLO, argumentsText: '{"city":' },
        { ...OSLO, argumentsText: '"Oslo"}' },
      ]),
    ).toHaveLength(1)
  })

  test.each([
    ['a tool that was not offered', [{ ...OSLO, name: 'rm_rf' }], 'tool_call_invalid', 'unknown_tool'],
    [
      'arguments that were cut but called finished',
      [{ ...OSLO, argumentsText: '{"city":"Pa' }],
      'tool_call_invalid',
      'not_json',
    ],
    ['arguments that are no object', [{ ...OSLO, argumentsText: '["Oslo"]' }], 'tool_call_invalid', 'not_json'],
    [
      'whole arguments that are no object',
      [{ ...OSLO, argumentsText: '', arguments: 5 }],
      'tool_call_invalid',
      'not_json',
    ],
    ['arguments against the schema', [{ ...OSLO, argumentsText: '{"city":7}' }], 'tool_call_invalid', 'schema'],
    ['no arguments where some are required', [{ ...OSLO, argumentsText: '' }], 'tool_call_invalid', 'schema'],
  ])('%s', async (_, parts, code, reason) => {
    expect(await providerErrorOf(() => finish(parts))).toMatchObject({ code, reason })
  })

  test('arguments that were cut off at the limit are incomplete', async () => {
    const cut = [{ ...OSLO, argumentsText: '{"city":"Pa' }]
    expect((await providerErrorOf(() => finish(cut, { cutOff: true }))).code).toBe('tool_call_incomplete')
    expect((await providerErrorOf(() => finish([], { choice: 'required', cutOff: true }))).code).toBe(
      'tool_call_incomplete',
    )
  })

  test.each<[string, ToolChoice, readonly ToolCallPart[]]>([
    ['required, none came', 'required', []],
    ['none, one came', 'none', [OSLO]],
    ['a named one, another came', { name: 'clock' }, [OSLO]],
    ['a named one, none came', { name: 'clock' }, []],
  ])('a choice that is not honoured: %s', async (_, choice, parts) => {
    expect((await providerErrorOf(() => finish(parts, { choice }))).code).toBe('tool_choice_not_honoured')
  })

  test('choices that are honoured', () => {
    expect(finish([OSLO], { choice: 'required' })).toHaveLength(1)
    expect(finish([OSLO], { choice: { name: 'weather' } })).toHaveLength(1)
    expect(finish([], { choice: 'none' })).toEqual([])
  })

  test('tools that cannot be offered are refused before anything is sent', async () => {
    const [weather] = TOOLS
    expect(await providerErrorOf(() => toolCheck([...TOOLS, ...(weather ? [weather] : [])], 'auto'))).toMatchObject({
      code: 'invalid_request',
      attempts: 0,
    })
    expect((await providerErrorOf(() => toolCheck(TOOLS, { name: 'nope' }))).code).toBe('invalid_request')
    expect(
      (await providerErrorOf(() => toolCheck([{ name: 'x', parameters: { type: 'nonsense' } }], 'auto'))).code,
    ).toBe('invalid_request')
  })

  test('a key named __proto__ in the arguments is data', () => {
    const [call] = finish([{ index: 0, id: 'a', name: 'clock', argumentsText: '{"__proto__":{"polluted":true}}' }])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(JSON.stringify(call?.arguments)).toBe('{"__proto__":{"polluted":true}}')
  })
})
