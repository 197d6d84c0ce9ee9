// Every capability of the manifest has cases, and each of them notices a provider that declares it and does not keep to it.
import type { ChatRequest, GenerationResult, LlmClient, PreparedCall } from '@ctxlock/contracts/provider'
import { conformanceReport, providerConformance } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { capableTarget, resending } from './capable-provider.ts'

/** An answer where the provider should have thrown. */
const BLIND: GenerationResult = {
  text: '',
  toolCalls: [],
  finishReason: 'tool_calls',
  rawFinishReason: null,
  usage: {
    inputTokens: null,
    outputTokens: null,
    totalTokens: null,
    cachedInputTokens: null,
    reasoningTokens: null,
    source: 'none',
    complete: false,
  },
  requestedModel: 'm1',
  responseModel: null,
  attempts: 1,
  timings: { totalMs: 0, firstTextMs: null },
  warnings: [],
  meta: {},
}
const trusting = (client: LlmClient): LlmClient => resending(client, (sent) => sent.catch(() => BLIND))
const changing =
  (change: (result: GenerationResult) => Partial<GenerationResult>) =>
  (client: LlmClient): LlmClient =>
    resending(client, async (sent) => ({ ...(await sent), ...change(await sent) }))

const forgetful = (client: LlmClient): LlmClient => ({
  ...client,
  prepareChat: ({ model, messages }) => client.prepareChat({ model, messages, stream: false }),
})

/** Changes what is asked before the provider sees it. */
const hearing =
  (change: (request: ChatRequest) => ChatRequest) =>
  (client: LlmClient): LlmClient => ({ ...client, prepareChat: (request) => client.prepareChat(change(request)) })

const sayingOther = (body: string, ofStreams: boolean) => {
  const changed = (call: PreparedCall, isChanged: boolean): PreparedCall =>
    isChanged ? { ...call, body: new TextEncoder().encode(body) } : call
  return (client: LlmClient): LlmClient => ({
    ...client,
    prepareChat: (request) => changed(client.prepareChat(request), ofStreams && request.stream === true),
    prepareCompletion: (request) => changed(client.prepareCompletion(request), !ofStreams),
  })
}

const FAULTS: readonly (readonly [string, (client: LlmClient) => LlmClient, string])[] = [
  [
    'sends the last message only',
    hearing((request) => ({ ...request, messages: request.messages.slice(-1) })),
    'request: every message',
  ],
  [
    'leaves out what the system says',
    hearing((request) => ({ ...request, messages: request.messages.filter(({ role }) => role !== 'system') })),
    'request: every message',
  ],
  [
    'takes every message for one of the user',
    hearing((request) => ({
      ...request,
      messages: request.messages.map(({ content }) => ({ role: 'user' as const, content })),
    })),
    'request: who said what',
  ],
  [
    'forgets what it called',
    hearing((request) => ({ ...request, messages: request.messages.filter(({ role }) => role !== 'assistant') })),
    'request: a call of a tool',
  ],
  ['has one model only', hearing((request) => ({ ...request, model: 'm1' })), 'request: another model'],
  ['shows other bytes than it streams', sayingOther('{}', true), 'request: the bytes'],
  ['shows other bytes than it completes', sayingOther('{}', false), 'request: the bytes'],
  [
    'takes zero for nothing',
    hearing(({ temperature, ...request }) => ({ ...request, ...(temperature && { temperature }) })),
    'options: temperature 0 ',
  ],
  [
    'drops options of completions',
    (client) => ({ ...client, prepareCompletion: ({ model, prompt }) => client.prepareCompletion({ model, prompt }) }),
    'options: maxOutputTokens of a completion',
  ],
  [
    'keeps the schema to itself',
    hearing(({ responseFormat, ...request }) => ({
      ...request,
      ...(responseFormat && { responseFormat: { type: 'json' } }),
    })),
    'json_schema: the schema leaves',
  ],
  [
    'loses calls of a stream',
    (client) => ({
      ...client,
      prepareChat: (request) => {
        const call = client.prepareChat(request)
        if (request.stream !== true) return call
        return { ...call, send: async (options) => ({ ...(await call.send(options)), toolCalls: [] }) }
      },
    }),
    'tools: a call that comes in a stream',
  ],
  ['is always ready', (client) => ({ ...client, health: async () => ({ ready: true, state: 'ready' }) }), 'health:'],
  ['takes arguments as they come', trusting, 'tools: a call whose arguments break the schema'],
  ['takes calls of tools nobody offered', trusting, 'tools: a call of a tool that was not offered'],
  ['does not mind a demanded call that is missing', trusting, 'tools: a demanded call'],
  ['loses a call', changing(() => ({ toolCalls: [] })), 'tools: the tools that are offered'],
  ['takes JSON as it comes', trusting, 'json_schema: JSON that breaks the schema'],
  ['takes words for JSON', trusting, 'json_schema: something that is not JSON'],
  ['does not parse JSON', changing(() => ({ json: null })), 'json_schema: the schema leaves'],
  ['mixes reasoning into the text', changing(({ reasoning, text }) => ({ text: `${reasoning}${text}` })), 'reasoning:'],
  ['invents counts', changing(({ usage }) => ({ usage: { ...usage, inputTokens: 1 } })), 'usage:'],
  ['loses cached tokens', changing(({ usage }) => ({ usage: { ...usage, cachedInputTokens: null } })), 'usage:'],
  ['answers a completion with something else', changing(() => ({ text: 'else' })), 'complete:'],
  ['drops an option', forgetful, 'options: topP'],
  ['drops a seed that it declares', forgetful, 'options: seed'],
  [
    'takes no list for an empty one',
    (client) => ({ ...client, listModels: async () => [] }),
    'list: an answer without',
  ],
  ['hides models', (client) => ({ ...client, listModels: async () => [{ id: 'm1' }] }), 'list: every model'],
  [
    'believes that a model is loaded',
    (client) => ({ ...client, load: async () => {} }),
    'load: an answer that does not',
  ],
  ['does not wait for a model to be gone', (client) => ({ ...client, unload: async () => {} }), 'unload:'],
  [
    'declares what there is no example of',
    (client) => ({ ...client, capabilities: { ...client.capabilities, vision: true } }),
    'manifest: vision',
  ],
  [
    'does not declare what it does',
    (client) => ({ ...client, capabilities: { ...client.capabilities, tools: false } }),
    'manifest: tools is declared',
  ],
]

describe('the conformance report', () => {
  test('of a provider with every capability has no failure, and comes out the same again', async () => {
    const report = await conformanceReport(capableTarget())
    expect(report.cases.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    expect(report).toMatchObject({
      schema_version: 'ctxlock.conformance_report@0.1',
      api_version: 'ctxlock.plugin@1',
      plugin: 'capable',
      capabilities: { tools: true, load: true, cached_tokens: true },
      total: report.passed,
      failed: 0,
    })
    const groups =
      'abort answer complete embed error health hygiene json_schema limit list load manifest options reasoning redirect'
    expect([...new Set(report.cases.map(({ group }) => group))].toSorted().join(' ')).toBe(
      `${groups} request retry stream tools unload usage`,
    )
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('says what was expected of a case that failed', async () => {
    const target = capableTarget(changing(() => ({ text: 'else' })))
    const { failed, cases } = await conformanceReport({ ...target, model: 'm1' })
    expect(failed).toBeGreaterThan(0)
    expect(cases.find(({ group }) => group === 'complete')).toMatchObject({
      outcome: 'fail',
      reason: expect.stringMatching(/^Expected values to be strictly equal/),
    })
  })

  test.each(FAULTS)('notices a provider that %s', async (_, fault, expected) => {
    const suspects = providerConformance(capableTarget(fault)).filter(({ name }) => name.startsWith(expected))
    expect(suspects).not.toHaveLength(0)
    const results = await Promise.allSettled(suspects.map(({ run }) => run()))
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
  })
})
