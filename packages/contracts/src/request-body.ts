import { serializeJcs } from '@ctxlock/core-hash'
import type { JsonValue } from '@ctxlock/core-hash'

/**
 * The bytes of a request body: RFC 8785 canonical JSON in UTF-8 (PROV-019). Unlike stored records it is neither put into
 * NFC nor rounded, because file text and sampling values must reach the model as they are.
 * Throws what the serializer throws for values JSON cannot carry, such as lone surrogates or NaN.
 */
export function requestBody(value: JsonValue): Uint8Array {
  return new TextEncoder().encode(serializeJcs(value))
}
