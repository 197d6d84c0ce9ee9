/** What the person asked for on the command line, beside the config. */
export interface CallOptions {
  readonly stream: boolean
  readonly maxTokens: number | undefined
  readonly signal: AbortSignal
  /** Pieces of the answer as they arrive, when streaming. */
  readonly onText?: (text: string) => void
}
