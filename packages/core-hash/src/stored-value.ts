import { CanonError } from './canon-error.ts'
import { canonicalize } from './canonical-text.ts'

/**
 * Reads a stored canonical artifact: UTF-8 in fatal mode, parsed, written again and required to be the same text. That
 * refuses duplicate keys, foreign white space, a byte-order mark, text that is not NFC and over-precise numbers (CJ-038).
 * The bytes may be an attacker's; the result is JSON data of unknown shape, with `__proto__` as an ordinary own key.
 *
 * @throws CanonError CANON_NOT_CANONICAL; its cause is the CanonError of the value where it has no canonical form at all.
 */
export function parseCanonical(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  const value = parse(text)
  // Fatal decoding maps different bytes to different text, so equal text means equal bytes.
  if (rewrite(value) !== text) throw new CanonError('CANON_NOT_CANONICAL')
  return value
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    throw new CanonError('CANON_NOT_CANONICAL', '', { cause: error })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No cause: the parser's message quotes the text.
    throw new CanonError('CANON_NOT_CANONICAL')
  }
}

function rewrite(value: unknown): string {
  try {
    return canonicalize(value)
  } catch (error) {
    if (error instanceof CanonError) throw new CanonError('CANON_NOT_CANONICAL', error.path, { cause: error })
    throw error
  }
}
