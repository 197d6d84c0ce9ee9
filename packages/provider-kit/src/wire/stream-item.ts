/** One message of a streamed answer, framing removed. */
export interface StreamItem {
  readonly data: string
  /** The name the server gave it, where its framing has names. */
  readonly event?: string
  /** True for a document that came instead of a stream. */
  readonly whole?: true
  /** False when the stream ended inside it. */
  readonly complete: boolean
  readonly validUtf8: boolean
}

export type StreamReader = (chunks: AsyncIterable<Uint8Array>, maxItemBytes?: number) => AsyncIterable<StreamItem>

/** No server sends more than this in one event; without it one event could take the whole response limit twice over. */
export const MAX_ITEM_BYTES = 8 * 1024 * 1024
