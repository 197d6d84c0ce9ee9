import type {
  ChatRequest,
  CompletionRequest,
  EmbeddingResult,
  LlmClient,
  ModelInfo,
  ProviderCapabilities,
} from '@ctxlock/contracts/provider'

import type { AnswerPart, FinishReasons } from '../answer/answer-part.ts'
import type { Json, JsonObject } from '../wire/json.ts'
import type { HttpCalls } from './http-calls.ts'

/** One way of generating on a server: where to post, what to post, how to read what comes back. */
export interface Generation<Request> {
  /** Below the root, with a leading slash. */
  readonly path: string
  /** What its body can ask for; anything else that a request gives is refused, so that nothing is dropped silently. */
  readonly carries: readonly CarriedOption[]
  /** The request body. Pure. `stream` is decided already. Throws `not_supported` for what the server cannot be asked. */
  body(request: Request, stream: boolean): Json
  /**
   * Reads a whole answer (`streamed` false) or one message of a stream. Called with JSON objects only, after in-band
   * errors were taken out. Throws `protocol` for a document that is no answer.
   */
  read(document: JsonObject, streamed: boolean): AnswerPart
}

/** Options of a request that no capability speaks of. */
export type CarriedOption = 'maxOutputTokens' | 'temperature' | 'topP' | 'stop' | 'contextTokens' | 'keepAlive'

export type EmbeddingRequest = Parameters<LlmClient['embed']>[0]
export interface LoadOptions {
  readonly contextTokens?: number
  readonly keepAlive?: string | number
}

/** Everything besides generating. `calls` times, retries and maps errors like all other requests. */
export interface Administration {
  listModels?(calls: HttpCalls): Promise<readonly ModelInfo[]>
  showModel?(calls: HttpCalls, model: string): Promise<ModelInfo>
  listRunning?(calls: HttpCalls): Promise<readonly ModelInfo[]>
  embed?(calls: HttpCalls, request: EmbeddingRequest): Promise<EmbeddingResult>
  load?(calls: HttpCalls, model: string, options: LoadOptions): Promise<void>
  unload?(calls: HttpCalls, model: string): Promise<void>
  /** Resolves when the server is ready; what it throws tells the state. When absent, a server that answers at its root is. */
  health?(calls: HttpCalls): Promise<{ readonly version?: string }>
}

/**
 * A server's wire, described; the kit does the rest. What is left out, and what `capabilities` denies, is refused with
 * `not_supported` before a request is made.
 */
export interface Dialect extends Administration {
  readonly displayName: string
  readonly capabilities: ProviderCapabilities
  /** Origin and path that every `path` is appended to. */
  readonly root: string
  readonly framing: 'sse' | 'json-lines'
  /** True where another library writes what leaves, as `PreparedCall` says. */
  readonly rewritten?: boolean
  /** What the server's words for stopping mean; others are `unknown`. */
  readonly finishReasons: FinishReasons
  readonly chat?: Generation<ChatRequest>
  readonly completion?: Generation<CompletionRequest>
  /** Throws for a model that must not get a prompt. Asked when a call is prepared, and again before its bytes leave. */
  refuseModel?(model: string): void
  /** The digest of a model's weights, where an earlier answer named it. */
  digestOf?(model: string): string | undefined
}
