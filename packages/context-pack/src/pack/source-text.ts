import { bytesHash, type Hash } from '@ctxlock/core-hash'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { NotPackedReason } from '@ctxlock/contracts/packs'
import type { SourceReader } from '@ctxlock/contracts/ports'

/** A file as it was at one moment. The hash is that of the very bytes the text was decoded from. */
export interface SourceSnapshot {
  readonly hash: Hash
  readonly bytes: Uint8Array
}

export function readSnapshot(
  reader: SourceReader,
  path: string,
  maxBytes: number,
): SourceSnapshot | { readonly reason: NotPackedReason } {
  const read = reader.read(path, { maxBytes })
  if (read.status !== 'read') return { reason: read.status }
  // A reader that ignores the limit must not make the parsers pay for it.
  if (read.bytes.length > maxBytes) return { reason: 'too_large' }
  return { hash: bytesHash(read.bytes), bytes: read.bytes }
}

/** The text of a file without its byte-order mark, which no line and no name is made of; or why it is no text. */
export function textOf({ bytes }: SourceSnapshot): { readonly text: string } | { readonly reason: NotPackedReason } {
  const text = decodeSourceText(bytes)
  // UTF-16 text holds NULs too, but its byte-order mark is not UTF-8.
  if (text === undefined) return { reason: startsLikeUtf16(bytes) || !bytes.includes(0) ? 'not_utf8' : 'binary' }
  if (text.includes('\0')) return { reason: 'binary' }
  return { text: text.startsWith('\uFEFF') ? text.slice(1) : text }
}

function startsLikeUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}
