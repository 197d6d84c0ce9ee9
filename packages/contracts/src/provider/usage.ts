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
