import { isUtf8 } from 'node:buffer'

import { ProviderError } from '@ctxlock/contracts/provider'

import { parseJson } from './json.ts'

export interface WholeText {
  readonly text: string
  readonly validUtf8: boolean
}

/** All of a body as text. Bytes that are no UTF-8 become U+FFFD and are reported. */
export async function wholeText(body: AsyncIterable<Uint8Array>): Promise<WholeText> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  return { text: new TextDecoder().decode(bytes), validUtf8: isUtf8(bytes) }
}

/** The JSON value of a text. Throws `protocol`; the text stays out of the message. */
export function documentOf(text: string): unknown {
  const parsed = parseJson(text)
  if (parsed) return parsed.value
  throw new ProviderError('protocol', 'The server answered with something that is not JSON.', { reason: 'not_json' })
}
