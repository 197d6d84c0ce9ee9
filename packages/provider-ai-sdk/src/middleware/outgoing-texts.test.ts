import type { LanguageModelV4ToolResultOutput } from '@ai-sdk/provider'
import { expect, test } from 'vitest'

import { outgoingTexts } from './outgoing-texts.ts'

const png = { type: 'data' as const, data: Uint8Array.of(1, 2, 3) }

test.each<[string, LanguageModelV4ToolResultOutput, string]>([
  ['a text', { type: 'text', value: 'found' }, 'found'],
  ['JSON, with names and numbers', { type: 'json', value: { rows: [10, 20] } }, '{"rows":[10,20]}'],
  ['an error', { type: 'error-text', value: 'gone' }, 'gone'],
  ['a denial', { type: 'execution-denied', reason: 'not today' }, 'not today'],
  ['a denial without a reason', { type: 'execution-denied' }, ''],
  [
    'texts and files that are texts, in their order',
    {
      type: 'content',
      value: [
        { type: 'text', text: 'a' },
        { type: 'file', mediaType: 'image/png', data: png },
        { type: 'file', mediaType: 'text/plain', data: { type: 'data', data: Buffer.from('b') } },
        { type: 'file', mediaType: 'text', data: { type: 'text', text: 'c' } },
      ],
    },
    'abc',
  ],
])('what a tool returned as %s is one text', (_, output, text) => {
  const prompt = [
    { role: 'tool' as const, content: [{ type: 'tool-result' as const, toolCallId: 'c1', toolName: 'read', output }] },
  ]
  expect(outgoingTexts({ prompt }).toolOutputs).toEqual([{ toolCallId: 'c1', text }])
})

test('a result in the model’s own turn counts too, and what is no result does not', () => {
  const output = { type: 'text' as const, value: 'hosted' }
  const { toolOutputs } = outgoingTexts({
    prompt: [
      { role: 'user', content: [{ type: 'text', text: 'Look.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 'c2', toolName: 'search', input: {} },
          { type: 'tool-result', toolCallId: 'c2', toolName: 'search', output },
        ],
      },
    ],
  })
  expect(toolOutputs).toEqual([{ toolCallId: 'c2', text: 'hosted' }])
})
