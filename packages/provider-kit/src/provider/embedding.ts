import { ProviderError } from '@ctxlock/contracts/provider'
import type { EmbeddingResult } from '@ctxlock/contracts/provider'

import type { UsageCounts } from '../answer/answer-part.ts'
import { usageOf } from '../answer/usage.ts'
import { textOf } from '../wire/json.ts'
import type { EmbeddingRequest } from './dialect.ts'

/**
 * Checks vectors against the request. Each may be a list of numbers or base64 of little-endian 32-bit floats. Throws
 * `protocol` for a wrong count or wrong values, `output_invalid` with reason `dimensions` for a length not asked for.
 */
export function embeddingResult(
  request: EmbeddingRequest,
  vectors: readonly unknown[],
  usage: UsageCounts | undefined,
  responseModel: unknown,
): EmbeddingResult {
  if (vectors.length !== request.input.length)
    throw broken('the number of vectors is not the number of inputs', 'count')
  const embeddings = vectors.map(vectorOf)
  const dimensions = request.dimensions ?? embeddings[0]?.length
  if (embeddings.some((vector) => vector.length !== dimensions)) {
    throw new ProviderError('output_invalid', 'An embedding has another length than was asked for.', {
      reason: 'dimensions',
    })
  }
  const counted = usageOf(usage, true)
  // Embedding only reads: a server that counts the prompt has counted everything.
  return {
    embeddings,
    usage: { ...counted, complete: counted.inputTokens !== null },
    responseModel: textOf(responseModel) ?? null,
  }
}

function vectorOf(value: unknown): readonly number[] {
  const vector = typeof value === 'string' ? floats(value) : value
  if (
    !Array.isArray(vector) ||
    vector.length === 0 ||
    !vector.every((number) => typeof number === 'number' && Number.isFinite(number))
  ) {
    throw broken('a vector is no list of numbers', 'vector')
  }
  return vector
}

function floats(base64: string): readonly number[] | undefined {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length % 4 !== 0 || bytes.toString('base64') !== base64) return undefined
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}

function broken(why: string, reason: string): ProviderError {
  return new ProviderError('protocol', `The embeddings cannot be used: ${why}.`, { reason })
}
