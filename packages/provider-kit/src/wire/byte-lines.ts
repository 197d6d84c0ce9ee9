import { isUtf8 } from 'node:buffer'

import { ProviderError } from '@ctxlock/contracts/provider'

export interface TextLine {
  readonly text: string
  /** False for the rest behind the last line end. */
  readonly terminated: boolean
  /** False when bytes were replaced by U+FFFD. */
  readonly validUtf8: boolean
}

export interface LineOptions {
  /** Whether a lone CR ends a line, as in SSE. */
  readonly carriageReturn: boolean
  readonly maxLineBytes: number
}

const LF = 10
const CR = 13
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Splits bytes into lines before decoding them. CR and LF never occur inside a UTF-8 sequence, so how the network cut the
 * bytes cannot change the result. CR LF is one line end; a leading byte order mark is dropped. What came together is given
 * together, since each answer of a generator is waited for. Throws `response_too_large` for a line over the limit.
 */
export async function* textLines(
  chunks: AsyncIterable<Uint8Array>,
  { carriageReturn, maxLineBytes }: LineOptions,
): AsyncGenerator<readonly TextLine[], void, undefined> {
  const pending: Uint8Array[] = []
  let pendingBytes = 0
  let afterCarriageReturn = false
  let first = true
  const take = (last: Uint8Array, terminated: boolean): TextLine => {
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last])
    pending.length = 0
    pendingBytes = 0
    const text = decoder.decode(bytes)
    const line = {
      text: first && text.startsWith('\uFEFF') ? text.slice(1) : text,
      terminated,
      validUtf8: isUtf8(bytes),
    }
    first = false
    return line
  }
  for await (const chunk of chunks) {
    const lines: TextLine[] = []
    let start = 0
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]
      const skippedLineFeed = byte === LF && afterCarriageReturn
      afterCarriageReturn = byte === CR && carriageReturn
      if (skippedLineFeed) start = index + 1
      else if (byte === LF || afterCarriageReturn) {
        lines.push(take(chunk.subarray(start, index), true))
        start = index + 1
      }
    }
    if (lines.length > 0) yield lines
    if (start < chunk.length) {
      pending.push(chunk.subarray(start))
      pendingBytes += chunk.length - start
    }
    if (pendingBytes > maxLineBytes) {
      throw new ProviderError('response_too_large', `One line of the response is longer than ${maxLineBytes} bytes.`)
    }
  }
  if (pendingBytes > 0) yield [take(new Uint8Array(0), false)]
}
