// The port every model provider implements, and the normalised shapes that cross it (spec 06 sections 1 to 4).
// Requests and results live in memory only: their text is never part of a stored record.
import { z } from 'zod'

import type { JsonValue } from '@ctxlock/core-hash'

import { Count, Identifier, ModelTier, ParameterClass } from './primitives.ts'

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

/** `null` means the server did not say; zero is only ever a zero the server reported. */
export interface Usage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly totalTokens: number | null
  /** Part of inputTokens. */
  readonly cachedInputTokens: number | null
  /** Part of outputTokens. */
  readonly reasoningTokens: number | null
  readonly source: 'provider' | 'estimated' | 'none'
  /** False when the stream ended before the final counts. */
  readonly complete: boolean
}

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

export const ProviderErrorCode = z
  .enum([
    'aborted',
    'auth',
    'permission',
    'invalid_config',
    'ssrf_blocked',
    'redirect_blocked',
    'invalid_request',
    'context_overflow',
    'payload_too_large',
    'not_supported',
    'model_not_found',
    'endpoint_not_found',
    'model_loading',
    'model_load_failed',
    'rate_limited',
    'quota_exhausted',
    'overloaded',
    'conflict',
    'timeout',
    'network',
    'server_error',
    'upstream_error',
    'protocol',
    'stream_error',
    'stream_truncated',
    'response_too_large',
    'content_filter',
    'budget_exceeded',
    'output_truncated',
    'output_invalid',
    'tool_call_incomplete',
    'tool_call_invalid',
    'tool_choice_not_honoured',
  ])
  .meta({ id: 'ProviderErrorCode' })
export type ProviderErrorCode = z.infer<typeof ProviderErrorCode>

/** Codes after which the same request may be sent again, if no text has arrived yet. */
export const RETRYABLE_CODES: ReadonlySet<ProviderErrorCode> = new Set([
  'model_loading',
  'rate_limited',
  'overloaded',
  'conflict',
  'timeout',
  'network',
  'server_error',
  'upstream_error',
  'stream_truncated',
])

export interface ProviderErrorDetails {
  /** Overrides what the code alone says, for instance when the server asks for a longer wait than is allowed. */
  readonly retryable?: boolean
  readonly status?: number
  /** Requests made, counting the one that failed; 0 when none left this machine. */
  readonly attempts?: number
  readonly phase?: 'connect' | 'first_byte' | 'idle' | 'total'
  readonly reason?: string
  /** What had arrived before the failure. In memory only; never enters a message, a stack or a record. */
  readonly partialText?: string
  readonly retryAfterMs?: number
  readonly usage?: Usage
  readonly details?: Readonly<Record<string, JsonValue>>
}

/** A plugin may bring its own copy of this package; its errors are provider errors all the same. */
const BRAND = Symbol.for('ctxlock.ProviderError')

/** A failed call. Messages hold status, code and at most 200 redacted code points of the server's text (PROV-008). */
export class ProviderError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  override readonly name = 'ProviderError'
  readonly code: ProviderErrorCode
  readonly retryable: boolean
  readonly status: number | undefined
  readonly attempts: number
  readonly phase: ProviderErrorDetails['phase']
  readonly reason: string | undefined
  readonly retryAfterMs: number | undefined
  readonly usage: Usage | undefined
  readonly details: Readonly<Record<string, JsonValue>>
  // A private field: inspect, JSON and structured clones of the error do not show the partial text in it.
  readonly #given: ProviderErrorDetails

  constructor(code: ProviderErrorCode, message: string, details: ProviderErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = details.retryable ?? RETRYABLE_CODES.has(code)
    this.status = details.status
    this.attempts = details.attempts ?? 1
    this.phase = details.phase
    this.reason = details.reason
    this.retryAfterMs = details.retryAfterMs
    this.usage = details.usage
    this.details = details.details ?? {}
    this.#given = details
  }

  get [BRAND](): true {
    return true
  }

  get partialText(): string | undefined {
    return this.#given.partialText
  }

  /** The same failure with more known about it. */
  with(changes: ProviderErrorDetails): ProviderError {
    const options = this.cause === undefined ? {} : { cause: this.cause }
    return new ProviderError(this.code, this.message, { ...this.#given, ...changes }, options)
  }
}

const ProviderId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)

const ProviderModel = z.strictObject({
  model_id: Identifier,
  parameter_class: ParameterClass.exactOptional(),
  max_context_tokens: z.int().min(1).exactOptional(),
  /** Other names the server may give this model in its answers (PROV-023). */
  aliases: z.array(Identifier).exactOptional(),
  /** What the provider asks for a million tokens, in US dollars; shown before a person consents to a cloud call (PROV-049). */
  price: z
    .strictObject({ input_usd_per_million: z.number().min(0), output_usd_per_million: z.number().min(0) })
    .exactOptional(),
})

/** One entry of the provider registry file (spec 06 section 5). */
export const ProviderConfig = z
  .strictObject({
    provider_id: ProviderId,
    /** Name of a provider plugin: `extractive`, `ollama`, `openai_compat` or a third party's. */
    kind: Identifier,
    declared_tier: ModelTier,
    /** Untrusted input. `null` for providers without a network. */
    base_url: z.string().max(2048).nullable(),
    secret_ref: z.strictObject({ source: z.enum(['env', 'file', 'keychain']), name: Identifier }).nullable(),
    default_model_id: Identifier,
    models: z.array(ProviderModel),
    network: z.strictObject({
      allow_private_hosts: z.array(z.string().min(1).max(300)),
      allow_ports: z.array(z.int().min(1).max(65_535)),
      redirects: z.literal('deny'),
    }),
    defaults: z
      .strictObject({
        temperature: z.number().min(0).max(2).exactOptional(),
        timeout_ms: z.int().min(1).exactOptional(),
      })
      .exactOptional(),
    /** Options of the plugin itself, validated by the plugin's own schema. */
    options: z.record(z.string(), z.json()).exactOptional(),
    enabled: z.boolean(),
  })
  .meta({ id: 'ProviderConfig' })
export type ProviderConfig = z.infer<typeof ProviderConfig>

/** Times in milliseconds; an absent one takes the egress's default (PROV-021). */
export const ProviderTimeouts = z
  .strictObject({
    connect_ms: z.int().min(1).exactOptional(),
    /** From the request to the end of the response headers. A non-streamed answer is generated within it. */
    first_byte_ms: z.int().min(1).exactOptional(),
    /** Between two pieces of the response body. */
    idle_ms: z.int().min(1).exactOptional(),
    total_ms: z.int().min(1).exactOptional(),
  })
  .meta({ id: 'ProviderTimeouts' })
export type ProviderTimeouts = z.infer<typeof ProviderTimeouts>

/** What every HTTP provider plugin takes; adapters extend it with `.extend({ … })`. */
export const HttpProviderOptions = z
  .strictObject({
    provider_id: ProviderId,
    /** Untrusted input; checked again by the egress (PROV-035). */
    base_url: z.string().max(2048),
    /** The derived tier, not the declared one (PROV-045). */
    tier: ModelTier,
    models: z.array(ProviderModel).exactOptional(),
    timeouts: ProviderTimeouts.exactOptional(),
    /** Requests after the first; 2 when absent. */
    max_retries: z.int().min(0).max(10).exactOptional(),
    /** A server that asks for a longer wait is not waited for; 60,000 when absent. */
    max_retry_after_ms: z.int().min(0).max(3_600_000).exactOptional(),
    /** Counted after decompression; 16 MiB when absent. */
    max_response_bytes: z.int().min(1024).max(1_073_741_824).exactOptional(),
  })
  .meta({ id: 'HttpProviderOptions' })
export type HttpProviderOptions = z.infer<typeof HttpProviderOptions>

/** Which server an OpenAI-compatible provider talks to; `generic` sends only what all of them accept. */
export const OpenAiServerProfile = z
  .enum(['generic', 'openai', 'llamacpp', 'vllm', 'lmstudio', 'openrouter', 'ollama', 'litellm'])
  .meta({ id: 'OpenAiServerProfile' })
export type OpenAiServerProfile = z.infer<typeof OpenAiServerProfile>

export const TokenUsage = z
  .strictObject({ prompt_tokens: Count, completion_tokens: Count, total_tokens: Count })
  .meta({ id: 'TokenUsage' })
export type TokenUsage = z.infer<typeof TokenUsage>
