import { ok } from 'node:assert/strict'

import type { Egress, PluginContext } from '@ctxlock/contracts/plugin'
import type { ChatRequest, GenerationResult, LlmClient, StreamEvent } from '@ctxlock/contracts/provider'

import type { Plugin } from '../../plugin.ts'
import { startFakeServer } from '../fake-server.ts'
import type { FakeServer, Script, ScriptedResponse } from '../fake-server.ts'
import type { TargetExamples, WireExample } from './target-examples.ts'

/** A provider plugin under test, and what the cases need to know about its wire. */
export interface ProviderTarget extends TargetExamples {
  readonly plugin: Plugin<'provider'>
  readonly model: string
  /** Options for a server at `baseUrl`; the limits must reach the provider. */
  options(needs: TargetLimits): unknown
  /** A context whose egress really opens sockets, for that server only, with `apiKey` as the secret. */
  context(needs: { readonly baseUrl: string; readonly apiKey: string }): TargetContext
  /** A whole answer to a chat that is not streamed. */
  readonly answer: WireExample
  /** How many calls the hygiene case makes; 100 when absent, of which the signs are as clear as of 1,000. */
  readonly hygieneCalls?: number
  /** The body of an error response that carries this text. */
  errorBody(message: string): string
}

export interface TargetLimits {
  readonly baseUrl: string
  readonly maxRetries: number
  readonly maxResponseBytes: number
}

export interface TargetContext extends PluginContext {
  /** Timers that have neither fired nor been cancelled. */
  readonly pendingTimers: number
}

/** A provider connected to a scripted server. */
export interface Bench {
  readonly client: LlmClient
  readonly server: FakeServer
  readonly context: TargetContext
  readonly chat: (options?: ChatOptions) => Promise<GenerationResult>
}

export interface ChatOptions {
  readonly stream?: boolean
  readonly signal?: AbortSignal
  readonly onEvent?: (event: StreamEvent) => void
}

export const CANARY_KEY = 'sk-canary-5f1d0c7b2a9e4d83b6'
export const CANARY_PROMPT = 'canary-prompt the quick brown fox 7d2f9a'

/** Runs `use` with a provider in front of a scripted server, and closes both whatever happens. */
export async function withBench<T>(
  target: ProviderTarget,
  script: Script,
  use: (bench: Bench) => Promise<T>,
  limits: Partial<Omit<TargetLimits, 'baseUrl'>> = {},
): Promise<T> {
  const server = await startFakeServer(script)
  const baseUrl = server.origin
  const context = target.context({ baseUrl, apiKey: CANARY_KEY })
  const options = target.options({ baseUrl, maxRetries: 0, maxResponseBytes: 1024 * 1024, ...limits })
  const validated = await target.plugin.options['~standard'].validate(options)
  if (validated.issues) throw new Error(`the target's options are not valid: ${validated.issues[0]?.message ?? ''}`)
  let asked = 0
  const { clock, random, timers, secret } = context
  const egress: Egress = {
    request: (request) => {
      asked += 1
      return context.egress.request(request)
    },
    close: () => context.egress.close(),
  }
  const client = target.plugin.create(validated.value, { clock, random, timers, secret, egress })
  try {
    const result = await use({
      client,
      server,
      context,
      chat: ({ stream = false, ...send } = {}) => client.prepareChat(chatRequest(target, stream)).send(send),
    })
    ok(server.requests.length <= asked, 'expected every request to leave through the egress of the context')
    return result
  } finally {
    await client.close()
    await context.egress.close()
    await server.close()
  }
}

export function chatRequest(target: ProviderTarget, stream: boolean): ChatRequest {
  return { model: target.model, messages: [{ role: 'user', content: CANARY_PROMPT }], stream }
}

export function responding(example: WireExample): ScriptedResponse {
  return { status: 200, headers: example.headers, body: [{ bytes: example.body }] }
}

export function declares({ capabilities }: LlmClient, capability: string): boolean {
  return Object.entries(capabilities).some(([name, declared]) => name === capability && declared === true)
}
