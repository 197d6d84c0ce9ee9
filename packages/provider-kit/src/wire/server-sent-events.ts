import { ProviderError } from '@ctxlock/contracts/provider'

import { textLines } from './byte-lines.ts'
import { MAX_ITEM_BYTES } from './stream-item.ts'
import type { StreamItem } from './stream-item.ts'

const ERROR = 'error'

/**
 * The `data` and name of each server-sent event: LF, CR and CRLF line ends, comments, several data lines, unknown fields. An
 * event the stream ended in comes last, marked incomplete; the standard would drop it, and a cut answer would look whole.
 * So would it drop an `error` event without data, and an `error` field, in which older llama.cpp servers tell of a failure.
 * One JSON document in place of all events is given as it is: servers that cannot stream, or cannot answer, send it so.
 */
export async function* serverSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  maxItemBytes = MAX_ITEM_BYTES,
): AsyncGenerator<StreamItem, void, undefined> {
  let data: string[] = []
  let event = ''
  let size = 0
  let validUtf8 = true
  let partialLine = false
  let fresh = true
  let whole = false
  const take = (complete: boolean): StreamItem => {
    const text = { data: data.join('\n'), complete, validUtf8 }
    const item = { ...text, ...(event === '' ? {} : { event }), ...(whole ? { whole } : {}) }
    data = []
    event = ''
    size = 0
    validUtf8 = true
    whole = false
    return item
  }
  for await (const lines of textLines(chunks, { carriageReturn: true, maxLineBytes: maxItemBytes })) {
    for (const line of lines) {
      if (line.text === '' && line.terminated) {
        if (data.length > 0 || event === ERROR) yield take(true)
        event = ''
        continue
      }
      const comment = line.text.startsWith(':')
      whole ||= fresh && /^\s*[[{]/.test(line.text)
      fresh &&= comment
      if (!line.terminated && !comment) partialLine = true
      const failure = fieldValue(line.text, ERROR)
      event = failure === undefined ? (fieldValue(line.text, 'event')?.trim() ?? event) : ERROR
      const value = whole ? line.text : (failure ?? fieldValue(line.text, 'data'))
      if (value === undefined) continue
      data.push(value)
      size += value.length
      validUtf8 &&= line.validUtf8
      if (size > maxItemBytes) {
        throw new ProviderError('response_too_large', `One event of the response is longer than ${maxItemBytes} bytes.`)
      }
    }
  }
  if (data.length > 0 || event === ERROR || partialLine) yield take(false)
}

/** The value of a line's field, or nothing for comments and other fields. */
function fieldValue(line: string, name: string): string | undefined {
  if (!line.startsWith(name)) return undefined
  if (line.length === name.length) return ''
  if (line[name.length] !== ':') return undefined
  return line.slice(name.length + (line[name.length + 1] === ' ' ? 2 : 1))
}
