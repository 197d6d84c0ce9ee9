import type { FinishReason } from '@ctxlock/contracts/provider'

import type { Json } from '../wire/json.ts'

/** What one document of a server says: a whole answer, or one message of a stream. Absent or empty means it did not say. */
export interface AnswerPart {
  readonly text?: string | undefined
  readonly reasoning?: string | undefined
  /** The model declined; its words take the place of the text. */
  readonly refusal?: string | undefined
  readonly toolCalls?: readonly ToolCallPart[] | undefined
  /** The server's own word for why it stopped. */
  readonly finish?: string | undefined
  /** What that word means, where something between the server and here has judged it; else the dialect's table says. */
  readonly finishMeans?: FinishReason | 'failed' | undefined
  /** The server's own end mark, where its documents carry one; false in a whole answer says that it is not whole. */
  readonly done?: boolean | undefined
  readonly usage?: UsageCounts | undefined
  readonly model?: string | undefined
  /** Named warnings the caller gets as they are; never the server's words. */
  readonly warnings?: readonly string[] | undefined
  readonly meta?: Readonly<Record<string, Json | undefined>> | undefined
}

/** Part of a tool call; arguments come as pieces of JSON text or as one object. */
export interface ToolCallPart {
  /** Shared by the parts of one call; need not start at 0. Without one, a new id and name begin the next call. */
  readonly index?: number | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly argumentsText?: string | undefined
  readonly arguments?: unknown
}

/** Counts as the server reports them; what it leaves out is unknown. Later counts replace earlier ones, one by one. */
export interface UsageCounts {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly totalTokens?: number | undefined
  readonly cachedInputTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
}

export type FinishReasons = Readonly<Record<string, FinishReason>>
