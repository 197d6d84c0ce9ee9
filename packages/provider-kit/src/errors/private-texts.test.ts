import { expect, test } from 'vitest'

import { chatTexts, pathTexts } from './private-texts.ts'

test('messages, tool arguments and descriptions are private; words that every schema has are not', () => {
  const texts = chatTexts({
    model: 'm1',
    messages: [
      { role: 'user', content: 'the question' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'c1', name: 'look', arguments: { at: ['a path'], deep: { b: 1 } } }],
      },
      { role: 'tool', content: 'the result', toolCallId: 'c1' },
    ],
    tools: [{ name: 'look', description: 'Looks at the ledger.', parameters: { type: 'object', required: ['at'] } }],
    responseFormat: {
      type: 'json_schema',
      name: 'x',
      schema: { type: 'string', description: 'The secret plan of it.' },
    },
  })
  const messages = ['the question', '', 'the result']
  const args = ['at', 'a path', 'deep', 'b']
  expect(texts).toEqual([messages, args, 'Looks at the ledger.', 'The secret plan of it.'].flat())
})

test('long parts of a path are private, the usual ones are not', () => {
  expect(pathTexts('https://gw.example/v1/0123456789abcdef/openai/chat/completions')).toEqual(['0123456789abcdef'])
  expect(pathTexts('not a URL')).toEqual([])
})
