import { ProviderError } from '@ctxlock/contracts/provider'

import { textLines } from './byte-lines.ts'
import { MAX_ITEM_BYTES } from './stream-item.ts'
import type { StreamItem } from './stream-item.ts'

/**
 * The `data` of each server-sent event: LF, CR and CRLF line ends, comments, several data lines, unknown fields. An event
 * the stream ended in comes last, marked incomplete; the standard would drop it, and a cut answer would look whole.
 */
export async function* serverSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  maxItemBytes = MAX_ITEM_BYTES,
): AsyncGenerator<StreamItem, void, undefined> {
  let data: string[] = []
  let size = 0
  let validUtf8 = true
  let partialLine = false
  const take = (complete: boolean): StreamItem => {
    const item = { data: data.join('\n'), complete, validUtf8 }
    data = []
    size = 0
    validUtf8 = true
    return item
  }
  for await (const lines of textLines(chunks, { carriageReturn: true, maxLineBytes: maxItemBytes })) {
    for (const line of lines) {
      if (line.text === '' && line.terminated) {
        if (data.length > 0) yield take(true)
        continue
      }
      if (!line.terminated && !line.text.startsWith(':')) partialLine = true
      const value = dataValue(line.text)
      if (value === undefined) continue
      data.push(value)
      size += value.length
      validUtf8 &&= line.validUtf8
      if (size > maxItemBytes) {
        throw new ProviderError('response_too_large', `One event of the response is longer than ${maxItemBytes} bytes.`)
      }
    }
  }
  if (data.length > 0 || partialLine) yield take(false)
}

/** The value of a `data` field, or nothing for comments and other fields. */
function dataValue(line: string): string | undefined {
  if (line === 'data') return ''
  if (!line.startsWith('data:')) return undefined
  return line.startsWith(' ', 5) ? line.slice(6) : line.slice(5)
}
