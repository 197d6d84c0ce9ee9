import type { KeyObject } from 'node:crypto'

import type { RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { keyedDigest } from '@ctxlock/core-hash'

import { QUERY_VEIL } from '../../workspace/digest-domains.ts'

/**
 * A trace as it is stored: a report gives it to strangers as it is, and behind its hash of the query and its cache keys stand the words
 * of a question, which could be tried. So they are hidden under digests of the workspace's key; done twice, it is the trace again.
 */
export function veiledTrace(key: Uint8Array | KeyObject, trace: RetrievalTrace): RetrievalTrace {
  // The id of a trace is chosen at random, so no two of them share a veil.
  const veiled = (hash: string, place: string) => xor(hash, keyedDigest(key, QUERY_VEIL, `${trace.trace_id} ${place}`))
  return {
    ...trace,
    normalized_query_hash: veiled(trace.normalized_query_hash, 'query'),
    route_taken: trace.route_taken.map(({ cache_key_hash, ...step }, index) => ({
      ...step,
      ...(cache_key_hash !== undefined && { cache_key_hash: veiled(cache_key_hash, `step ${index}`) }),
    })),
  }
}

function xor(hash: string, veil: string): string {
  return (BigInt(`0x${hash}`) ^ BigInt(`0x${veil}`)).toString(16).padStart(64, '0')
}
