import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'

import { ProviderError } from '@ctxlock/contracts/provider'
import type { ChatMessage, LlmClient, PreparedCall } from '@ctxlock/contracts/provider'

import type { ConformanceCase } from './conformance-case.ts'
import { CANARY_KEY, CANARY_PROMPT, chatRequest, declares, responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'
import type { WireExample } from './target-examples.ts'

/** A conversation in which every text occurs once. */
const CONVERSATION: readonly ChatMessage[] = [
  { role: 'system', content: 'Answer as a lighthouse keeper.' },
  { role: 'user', content: 'Which ship passed first?' },
  { role: 'assistant', content: 'The schooner Albatross.' },
  { role: 'user', content: 'And which came after it?' },
]

const TOOL_TALK: readonly ChatMessage[] = [
  { role: 'user', content: 'What is at the mill?' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [{ id: 'call-1', name: 'look_around', arguments: { place: 'watermill' } }],
  },
  { role: 'tool', content: 'A heron stands there.', toolCallId: 'call-1', toolName: 'look_around' },
]

/** What is asked for is in the bytes, and the bytes are what leaves. */
export function requestCases(target: ProviderTarget): readonly ConformanceCase[] {
  const { answer, stream, completion, model } = target
  const chat = (streamed: boolean) => (client: LlmClient) =>
    client.prepareChat(deepFreeze(structuredClone(chatRequest(target, streamed))))
  return [
    bytesCase(target, '', answer, chat(false)),
    ...(stream ? [bytesCase(target, ' of a stream', stream, chat(true))] : []),
    ...(completion
      ? [
          bytesCase(target, ' of a completion', { ...answer, ...completion }, (client) =>
            client.prepareCompletion(deepFreeze({ model, prompt: CANARY_PROMPT })),
          ),
        ]
      : []),
    {
      name: 'request: another model is another request',
      run: () =>
        preparing(target, (client) => {
          const plain = chatRequest(target, false)
          notDeepEqual(asked(client.prepareChat({ ...plain, model: `${model}-b` })), asked(client.prepareChat(plain)))
        }),
    },
    holdsCase(target, 'every message of a conversation is', CONVERSATION, []),
    {
      name: 'request: who said what is in the bytes, or refused',
      run: () =>
        preparing(target, (client) => {
          const said = CONVERSATION.map(({ content }) => ({ role: 'user' as const, content }))
          notDeepEqual(
            client.prepareChat({ model, messages: CONVERSATION }).body,
            client.prepareChat({ model, messages: said }).body,
            'expected the roles of the messages to change the bytes',
          )
        }),
    },
    holdsCase(target, 'a call of a tool and what it returned are', TOOL_TALK, ['look_around', 'watermill'], 'tools'),
  ]
}

/** Consent and recorder are bound to what was prepared (PROV-019). */
function bytesCase(
  target: ProviderTarget,
  what: string,
  example: Pick<WireExample, 'headers' | 'body'>,
  prepare: (client: LlmClient) => PreparedCall,
): ConformanceCase {
  return {
    name: `request: the bytes that leave are the prepared bytes, and equal input gives equal bytes${what}`,
    run: () =>
      withBench(
        target,
        () => responding({ ...example, text: '' }),
        async ({ client, server }) => {
          const first = prepare(client)
          deepEqual(prepare(client).body, first.body)
          await first.send()
          await first.send()
          equal(server.requests.length, 2)
          for (const received of server.requests) {
            deepEqual(Buffer.from(received.body), Buffer.from(first.body))
            equal(server.origin + received.path, first.url)
            equal(received.headers['authorization'], `Bearer ${CANARY_KEY}`)
          }
        },
      ),
  }
}

function holdsCase(
  target: ProviderTarget,
  what: string,
  messages: readonly ChatMessage[],
  words: readonly string[],
  capability?: string,
): ConformanceCase {
  const holds = (client: LlmClient): void => {
    const body = Buffer.from(client.prepareChat({ model: target.model, messages }).body).toString('utf8')
    for (const text of [...messages.map(({ content }) => content), ...words])
      ok(body.includes(text), `expected the bytes to hold: ${text}`)
  }
  return { name: `request: ${what} in the bytes, or refused`, run: () => preparing(target, holds, capability) }
}

/** What is refused with `not_supported` is not dropped. */
function preparing(target: ProviderTarget, check: (client: LlmClient) => void, capability = ''): Promise<void> {
  return withBench(target, [], async ({ client }) => {
    try {
      check(client)
    } catch (error) {
      if (!(error instanceof ProviderError) || declares(client, capability)) throw error
      equal(error.code, 'not_supported')
      equal(error.attempts, 0)
    }
  })
}

function asked({ url, body }: PreparedCall): object {
  return { url, body }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
