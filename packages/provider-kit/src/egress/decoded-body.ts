import { pipeline } from 'node:stream'
import type { Duplex } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import { ProviderError } from '@ctxlock/contracts/provider'

const DECODERS: Readonly<Record<string, () => Duplex>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** The decoder of a content encoding, or nothing for plain bytes. Throws `protocol` for one that is not known. */
export function decoderFor(contentEncoding: string | undefined): Duplex | undefined {
  const encoding = contentEncoding?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return undefined
  const create = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (create) return create()
  throw new ProviderError('protocol', 'The server used a content encoding that was not asked for.', {
    reason: 'content_encoding',
  })
}

/**
 * The body as the server meant it. `identity` was asked for, but proxies compress all the same; the limit counts decoded
 * bytes, so that a small body cannot unfold into a large one. Throws `response_too_large` and `protocol`.
 */
export async function* decodedBody(
  raw: AsyncIterable<Uint8Array>,
  decoder: Duplex | undefined,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0
  for await (const chunk of decoder ? decompress(raw, decoder) : raw) {
    total += chunk.length
    if (total > maxBytes) {
      throw new ProviderError('response_too_large', `The response is larger than ${maxBytes} bytes; it was cut off.`)
    }
    yield chunk
  }
}

async function* decompress(
  raw: AsyncIterable<Uint8Array>,
  decoder: Duplex,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sourceError: unknown
  const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* raw
    } catch (error) {
      sourceError = error
      throw error
    }
  }
  pipeline(source(), decoder, () => {})
  try {
    for await (const chunk of decoder) {
      if (chunk instanceof Uint8Array) yield chunk
    }
  } catch {
    if (sourceError !== undefined) throw sourceError
    throw new ProviderError('protocol', 'The compressed response is damaged or cut off.', {
      reason: 'content_encoding',
    })
  } finally {
    decoder.destroy()
  }
}
