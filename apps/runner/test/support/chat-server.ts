import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'
import { oneModelProfile } from './work-profile.ts'

export interface ChatServer {
  readonly url: string
  /** The body bytes of every chat request, in order of arrival. */
  readonly bodies: readonly Buffer[]
  readonly headers: readonly IncomingMessage['headers'][]
  /** Requests of any kind, chat or not. */
  readonly requests: readonly string[]
}

export interface ChatServerOptions {
  readonly reply?: (body: Buffer) => string
  readonly status?: number
  /** Sent with a status that is not 200. */
  readonly headers?: Readonly<Record<string, string>>
  readonly errorBody?: string
  readonly delayMs?: number
  /** Answers no call before that. */
  readonly answersAfter?: Promise<void>
  readonly model?: string
  /** What it says an answer took; null says nothing. */
  readonly usage?: Readonly<Record<string, number>> | null
  /** The events of a stream as they are sent, whatever is asked; the connection is closed behind them. */
  readonly events?: readonly object[]
  /** The part of the prompt tokens that it says it had in its cache. */
  readonly cachedTokens?: number
  /** Streams by hand: `send` sends one piece of the answer, `hungUp` is aborted when the client is gone. Never ends by itself. */
  readonly streamed?: (send: (text: string) => void, hungUp: AbortSignal) => void
}

/** A real HTTP server on loopback that speaks the OpenAI chat wire, streaming or not, and keeps what it was sent. */
export async function startChatServer(options: ChatServerOptions = {}): Promise<ChatServer> {
  const bodies: Buffer[] = []
  const headers: IncomingMessage['headers'][] = []
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url?.endsWith('/models')) {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ object: 'list', data: [{ id: options.model ?? 'm1', object: 'model' }] }))
        return
      }
      if (request.method !== 'POST') {
        response.statusCode = 404
        response.end()
        return
      }
      const body = Buffer.concat(chunks)
      bodies.push(body)
      headers.push(request.headers)
      const answer = () => setTimeout(() => respond(body), options.delayMs ?? 0)
      void (options.answersAfter ?? Promise.resolve()).then(answer)
    })
    function respond(body: Buffer): void {
      if (options.status !== undefined && options.status !== 200) {
        response.statusCode = options.status
        for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value)
        response.setHeader('content-type', 'application/json')
        response.end(options.errorBody ?? JSON.stringify({ error: { message: 'refused', type: 'test' } }))
        return
      }
      const text = options.reply?.(body) ?? 'No quotation.'
      const asked: { stream?: boolean; model?: string } = JSON.parse(body.toString('utf8'))
      const model = options.model ?? asked.model ?? 'm1'
      const usage = options.usage ?? {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        ...(options.cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: options.cachedTokens } }),
      }
      const said = options.usage === null ? {} : { usage }
      if (asked.stream === true) {
        response.setHeader('content-type', 'text/event-stream')
        const chunk = (value: object) =>
          response.write(`data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model, ...value })}\n\n`)
        const piece = (content: string) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
        if (options.events) {
          for (const event of options.events) chunk(event)
          response.end()
          return
        }
        if (options.streamed) {
          const client = new AbortController()
          response.on('close', () => client.abort())
          options.streamed(piece, client.signal)
          return
        }
        for (const part of text.match(/[\s\S]{1,7}/g) ?? []) piece(part)
        chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
        chunk({ choices: [], ...said })
        response.end('data: [DONE]\n\n')
      } else {
        response.setHeader('content-type', 'application/json')
        const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }]
        response.end(JSON.stringify({ id: 'c1', object: 'chat.completion', model, choices, ...said }))
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the test server has no port')
  return { url: `http://127.0.0.1:${address.port}`, bodies, headers, requests }
}

/** A config that sends every role to one OpenAI-compatible server on loopback. */
export function serverConfig(url: string, extra: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    schema_version: 'ctxlock.config@1',
    providers: [
      {
        provider_id: 'test',
        kind: 'openai_compat',
        declared_tier: 'local',
        base_url: `${url}/v1`,
        secret_ref: { source: 'env', name: 'CTXLOCK_TEST_KEY' },
        default_model_id: 'm1',
        models: [],
        network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
        enabled: true,
      },
    ],
    ...oneModelProfile('m1'),
    ...extra,
  })
}
