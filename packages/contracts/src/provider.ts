// The port every model provider implements, and the normalised shapes that cross it (spec 06 sections 1 to 4).
// Requests and results live in memory only: their text is never part of a stored record.
import { z } from 'zod'

import type { JsonValue } from '@ctxlock/core-hash'

import { Count, Identifier, ModelTier, ParameterClass } from './primitives.ts'

import type { ProviderErrorCode } from './provider/provider-error.ts'
import type { Usage } from './provider/usage.ts'

export * from './provider/provider-config.ts'
export * from './provider/provider-error.ts'
export type * from './provider/usage.ts'

export const ModelProfile = z
  .strictObject({
    model_id: Identifier,
    max_context_tokens: z.int().min(1),
    model_tier: ModelTier,
    parameter_class: ParameterClass,
  })
  .meta({ id: 'ModelProfile' })
export type ModelProfile = z.infer<typeof ModelProfile>

/** What a provider declares it can do. A declared capability must work; an undeclared one is refused without a request. */
export const ProviderCapabilities = z
  .strictObject({
    chat: z.boolean(),
    complete: z.boolean(),
    stream: z.boolean(),
    tools: z.boolean(),
    json_schema: z.boolean(),
    embed: z.boolean(),
    list: z.boolean(),
    load: z.boolean(),
    vision: z.boolean(),
    reasoning: z.boolean(),
    seed: z.boolean(),
    cached_tokens: z.boolean(),
    usage: z.enum(['provider', 'estimated', 'none']),
  })
  .meta({ id: 'ProviderCapabilities' })
export type ProviderCapabilities = z.infer<typeof ProviderCapabilities>

export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: JsonValue
}

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string; readonly toolName?: string }

export interface ToolSpecification {
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments. */
  readonly parameters: JsonValue
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | { readonly type: 'json_schema'; readonly name: string; readonly schema: JsonValue; readonly strict?: boolean }

export interface SamplingOptions {
  readonly model: string
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  /** Context window in tokens, for servers that take one per request. */
  readonly contextTokens?: number
  readonly reasoning?: boolean | 'low' | 'medium' | 'high'
  readonly keepAlive?: string | number
  readonly stream?: boolean
}

export interface ChatRequest extends SamplingOptions {
  readonly messages: readonly ChatMessage[]
  readonly tools?: readonly ToolSpecification[]
  readonly toolChoice?: ToolChoice
  readonly responseFormat?: ResponseFormat
}

export interface CompletionRequest extends SamplingOptions {
  readonly prompt: string
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'unknown'

export interface GenerationResult {
  readonly text: string
  readonly reasoning?: string
  readonly toolCalls: readonly ToolCall[]
  /** The parsed value when a JSON format was asked for; validated locally. */
  readonly json?: JsonValue
  readonly finishReason: FinishReason
  readonly rawFinishReason: string | null
  readonly usage: Usage
  readonly requestedModel: string
  readonly responseModel: string | null
  /** The weights' digest where the server names one. */
  readonly modelDigest?: string
  readonly attempts: number
  /** Milliseconds on the monotonic clock. */
  readonly timings: { readonly totalMs: number; readonly firstTextMs: number | null }
  readonly warnings: readonly string[]
  /** Server facts worth keeping, redacted: fingerprints, request ids, rate-limit headers. */
  readonly meta: Readonly<Record<string, JsonValue>>
}

/** One attempt that failed and is about to be repeated with the same bytes. */
export interface RetryNotice {
  /** Requests made so far. */
  readonly attempt: number
  readonly code: ProviderErrorCode
  readonly waitMs: number
}

export type StreamEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }

export interface SendOptions {
  readonly signal?: AbortSignal
  readonly onEvent?: (event: StreamEvent) => void
  readonly onRetry?: (notice: RetryNotice) => void
  /** At most so many requests after the first, whatever the provider is configured for: none for bytes a person consented to once. */
  readonly maxRetries?: number
}

/**
 * A request whose bytes are fixed. What `send` transmits is exactly `body`: consent binds to it, the recorder hashes it,
 * `show` rebuilds it (PROV-019). Sending twice sends the same bytes twice.
 */
export interface PreparedCall {
  readonly method: 'POST'
  /** Origin and path; no credentials, no query. */
  readonly url: string
  readonly body: Uint8Array
  /** True where a library that is not the plugin's own writes what leaves from `body`, so that the two cannot be compared. */
  readonly rewritten?: boolean
  send(options?: SendOptions): Promise<GenerationResult>
}

export interface ModelInfo {
  readonly id: string
  readonly digest?: string
  readonly sizeBytes?: number
  /** Memory the loaded weights take on the accelerator. */
  readonly vramBytes?: number
  readonly contextTokens?: number
  readonly parameterSize?: string
  readonly capabilities?: readonly string[]
  /** True when the entry is served by another machine (Ollama `:cloud` names, remote fields). */
  readonly remote?: boolean
}

export interface EmbeddingResult {
  readonly embeddings: readonly (readonly number[])[]
  readonly usage: Usage
  readonly responseModel: string | null
}

export interface HealthReport {
  readonly ready: boolean
  readonly state: 'ready' | 'loading' | 'unreachable' | 'error'
  readonly version?: string
  readonly reason?: string
}

/** The wire form of a provider's requests without anything to send them with: a replay makes the bytes again and has no more. */
export interface ChatEncoder {
  readonly capabilities: ProviderCapabilities
  /** The body that `prepareChat` fixes for the request, and its refusals. Pure. */
  encodeChat(request: ChatRequest): Uint8Array
}

/** The only door to a model (PROV-001). `prepare*` is synchronous and pure; it throws `ProviderError` for bad requests. */
export interface LlmClient {
  readonly providerId: string
  /** Shown in every output; the embedded provider says here that it is no language model. */
  readonly displayName: string
  readonly capabilities: ProviderCapabilities
  profile(model: string): ModelProfile
  prepareChat(request: ChatRequest): PreparedCall
  prepareCompletion(request: CompletionRequest): PreparedCall
  listModels(options?: SendOptions): Promise<readonly ModelInfo[]>
  showModel(model: string, options?: SendOptions): Promise<ModelInfo>
  listRunning(options?: SendOptions): Promise<readonly ModelInfo[]>
  embed(
    request: { readonly model: string; readonly input: readonly string[]; readonly dimensions?: number },
    options?: SendOptions,
  ): Promise<EmbeddingResult>
  load(
    model: string,
    options?: SendOptions & { readonly contextTokens?: number; readonly keepAlive?: string | number },
  ): Promise<void>
  unload(model: string, options?: SendOptions): Promise<void>
  health(options?: SendOptions): Promise<HealthReport>
  close(): Promise<void>
}

export const TokenUsage = z
  .strictObject({ prompt_tokens: Count, completion_tokens: Count, total_tokens: Count })
  .meta({ id: 'TokenUsage' })
export type TokenUsage = z.infer<typeof TokenUsage>
