import { inspect } from 'node:util'

import type { ChatRequest, GenerationResult, LlmClient } from '../../../../packages/contracts/src/provider.ts'
import { everyForm, startFakeServer } from '../../../../packages/plugin-api/src/testing.ts'
import { createTestContext } from '../../../../packages/provider-kit/src/testing.ts'
import { createOllama } from '../../../../packages/provider-ollama/src/index.ts'
import { createOpenAiCompat } from '../../../../packages/provider-openai-compat/src/index.ts'
import type { MarkerCase } from './marker-case.ts'
import { responseOf } from './script.ts'

export interface Exposure {
  readonly failed: boolean
  /** Everything that a log or a crash report could show of the call. */
  readonly shown: string
}

const SHORT_MS = 15

export async function playMarker(each: MarkerCase): Promise<Exposure> {
  const server = await startFakeServer(() => responseOf(each))
  const notices: object[] = []
  let client: LlmClient | undefined
  try {
    client = connect(each, server.origin)
    const abort = new AbortController()
    const sent = client.prepareChat(requestOf(each)).send({
      signal: abort.signal,
      onRetry: (notice) => notices.push(notice),
      onEvent: () => {
        if (each.outcome === 'abort') abort.abort()
      },
    })
    if (each.outcome === 'abort') setTimeout(() => abort.abort(), each.form % SHORT_MS)
    const result = await sent
    return { failed: false, shown: forms([withoutContent(result), client, notices]) }
  } catch (error) {
    return { failed: true, shown: `${everyForm(error)}\n${forms([error, client, notices])}` }
  } finally {
    await client?.close()
    await server.close()
  }
}

function connect({ provider, ours, marker, outcome }: MarkerCase, origin: string): LlmClient {
  const path = ours.has('url') ? `/${marker}` : ''
  const base_url =
    outcome === 'bad configuration' ? `${origin.replace('//', `//user:${marker}@`)}${path}` : origin + path
  const options = {
    provider_id: 'marked',
    base_url,
    tier: 'local' as const,
    max_retries: 0,
    timeouts: outcome === 'timeout' ? { first_byte_ms: SHORT_MS, idle_ms: SHORT_MS } : {},
  }
  const context = createTestContext({ baseUrl: base_url, apiKey: ours.has('key') ? marker : 'plain-key-1' })
  return provider === 'ollama' ? createOllama(options, context) : createOpenAiCompat(options, context)
}

function requestOf({ ours, marker, streamed, outcome, form }: MarkerCase): ChatRequest {
  const note = ours.has('tool arguments') ? marker : 'n'
  const words = ours.has('prompt') ? `Remember ${marker}.` : 'Remember.'
  const described = ours.has('tool description') ? { description: `Takes ${marker} down.` } : {}
  return {
    model: 'm1',
    stream: streamed,
    messages: [
      { role: 'user', content: words },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'take_note', arguments: { note } }] },
      { role: 'tool', content: 'noted', toolCallId: 'c1' },
      { role: 'user', content: 'Go on.' },
    ],
    tools: [
      {
        name: 'take_note',
        ...described,
        parameters: { type: 'object', properties: { note: { type: 'string' } }, additionalProperties: false },
      },
    ],
    ...(outcome === 'refusal' && form % 2 === 1
      ? { responseFormat: { type: 'json_schema', name: 'answer', schema: { type: 'object' } } }
      : {}),
  }
}

/** The answer's own words are what the caller asked for; everything else about it gets recorded. */
function withoutContent({ text: _text, reasoning: _reasoning, toolCalls, json: _json, ...rest }: GenerationResult) {
  return { ...rest, calls: toolCalls.length }
}

function forms(values: readonly unknown[]): string {
  return values
    .flatMap((value) => [inspect(value, { depth: null, showHidden: true }), JSON.stringify(value) ?? '', String(value)])
    .join('\n')
}
