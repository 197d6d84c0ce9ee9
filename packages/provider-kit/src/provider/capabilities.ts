import { ProviderError } from '@ctxlock/contracts/provider'
import type { ChatMessage, ChatRequest, ProviderCapabilities, SamplingOptions } from '@ctxlock/contracts/provider'

import type { CarriedOption } from './dialect.ts'

/** For spreading: a provider declares what it can do on top of this. */
export const NO_CAPABILITIES: ProviderCapabilities = {
  chat: false,
  complete: false,
  stream: false,
  tools: false,
  json_schema: false,
  embed: false,
  list: false,
  load: false,
  vision: false,
  reasoning: false,
  seed: false,
  cached_tokens: false,
  usage: 'none',
}

type Capability = Exclude<keyof ProviderCapabilities, 'usage'>

/** The implementation of a capability, or `not_supported` before any request is made (INV-PROV-002). */
export function requireCapability<T>(implementation: T, capability: Capability): NonNullable<T> {
  if (implementation) return implementation
  throw new ProviderError('not_supported', `This provider does not offer ${capability}.`, {
    attempts: 0,
    reason: capability,
  })
}

/** Refuses malformed requests and whatever of a chat request the provider would have to drop silently. */
export function refuseUnsupportedChat(capabilities: ProviderCapabilities, request: ChatRequest): void {
  validateSampling(capabilities, request)
  if (request.messages.length === 0) throw invalid('it has no messages')
  const demands: readonly (readonly [Capability, boolean])[] = [
    ['tools', (request.tools?.length ?? 0) > 0 || request.messages.some(isToolTalk)],
    ['json_schema', (request.responseFormat ?? { type: 'text' }).type !== 'text'],
  ]
  for (const [capability, demanded] of demands) demand(capabilities, capability, demanded)
  refuseStrayResults(request.messages)
}

/** A tool result belongs to a call that the assistant made before it (INV-PROV-001); servers guess, or fail in their own words. */
function refuseStrayResults(messages: ChatRequest['messages']): void {
  const called = new Set<string>()
  for (const message of messages) {
    if (message.role === 'assistant') for (const { id } of message.toolCalls ?? []) called.add(id)
    if (message.role === 'tool' && !called.has(message.toolCallId)) {
      throw invalid('a tool result answers no call that stands before it')
    }
  }
}

/** A body that knows no tools would leave out what was called, and say of a result that somebody said it. */
function isToolTalk(message: ChatMessage): boolean {
  return message.role === 'tool' || (message.role === 'assistant' && (message.toolCalls?.length ?? 0) > 0)
}

export function validateSampling(capabilities: ProviderCapabilities, request: SamplingOptions): void {
  const { model, maxOutputTokens, temperature, seed, reasoning, stream } = request
  if (model.trim() === '') throw invalid('it names no model')
  if (maxOutputTokens !== undefined && !(Number.isSafeInteger(maxOutputTokens) && maxOutputTokens >= 1)) {
    throw invalid('maxOutputTokens must be an integer of at least 1')
  }
  if (temperature !== undefined && !(Number.isFinite(temperature) && temperature >= 0))
    throw invalid('temperature must be a number of at least 0')
  demand(capabilities, 'seed', seed !== undefined)
  demand(capabilities, 'reasoning', reasoning !== undefined && reasoning !== false)
  demand(capabilities, 'stream', stream === true)
}

/** Refuses an option that the body would not carry: the caller would never learn that it had no effect. */
export function refuseUncarried(carries: readonly CarriedOption[], request: SamplingOptions): void {
  const { maxOutputTokens, temperature, topP, contextTokens, keepAlive } = request
  const stop = request.stop?.length === 0 ? undefined : request.stop
  const given = { maxOutputTokens, temperature, topP, stop, contextTokens, keepAlive }
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined || carries.some((carried) => carried === option)) continue
    throw new ProviderError('not_supported', `This provider cannot ask its server for ${option}.`, {
      attempts: 0,
      reason: option,
    })
  }
}

function demand(capabilities: ProviderCapabilities, capability: Capability, demanded: boolean): void {
  requireCapability(!demanded || capabilities[capability] ? true : undefined, capability)
}

function invalid(why: string): ProviderError {
  return new ProviderError('invalid_request', `The request cannot be sent: ${why}.`, { attempts: 0 })
}
