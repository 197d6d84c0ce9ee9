import type { ProviderTarget } from '@ctxlock/plugin-api/testing'

const TEXT = 'Grüße 🦙'
const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 }

function chunk(members: object): string {
  return `data: ${JSON.stringify({ id: 'c1', model: 'm1', ...members })}\n\n`
}

function delta(delta: object, rest: object = {}): string {
  return chunk({ choices: [{ index: 0, delta, ...rest }] })
}

function whole(message: object, usage: object = USAGE): string {
  return JSON.stringify({
    id: 'c1',
    model: 'm1',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop' }],
    usage,
  })
}

/** Bytes of a server that speaks OpenAI's chat completions and embeddings, for `providerConformance` of whatever calls one. */
export const CHAT_COMPLETIONS = {
  answer: { headers: { 'content-type': 'application/json' }, body: whole({ content: TEXT }), text: TEXT },
  stream: {
    headers: { 'content-type': 'text/event-stream' },
    body: [
      ': ping\n\n',
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Grü' }),
      delta({ content: 'ße 🦙' }),
      delta({}, { finish_reason: 'stop' }),
      chunk({ choices: [], usage: USAGE }),
      'data: [DONE]\n\n',
    ].join(''),
    text: TEXT,
  },
  completion: { body: whole({ content: 'Once upon a time' }), text: 'Once upon a time' },
  calls: ({ name, arguments: args }) =>
    whole({ tool_calls: [{ id: 'a', type: 'function', function: { name, arguments: JSON.stringify(args) } }] }),
  streamedCalls: ({ name, arguments: args }) => {
    const text = JSON.stringify(args)
    const call = (members: object): string => delta({ tool_calls: [{ index: 0, ...members }] })
    return [
      call({ id: 'a', type: 'function', function: { name, arguments: '' } }),
      call({ function: { arguments: text.slice(0, 3) } }),
      call({ function: { arguments: text.slice(3) } }),
      delta({}, { finish_reason: 'tool_calls' }),
      'data: [DONE]\n\n',
    ].join('')
  },
  says: (content) => whole({ content }),
  reasoned: { body: whole({ content: 'Yes.', reasoning_content: 'Hm.' }), text: 'Yes.', reasoning: 'Hm.' },
  counts: ({ inputTokens, outputTokens, cachedInputTokens }) =>
    whole(
      { content: 'Yes.' },
      {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        prompt_tokens_details: { cached_tokens: cachedInputTokens },
      },
    ),
  embeddings: (vectors) =>
    JSON.stringify({
      object: 'list',
      model: 'm1',
      data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
      usage: { prompt_tokens: 9, total_tokens: 9 },
    }),
  errorBody: (message) => JSON.stringify({ error: { message, type: 'some_error', param: null, code: null } }),
} as const satisfies Partial<ProviderTarget>
