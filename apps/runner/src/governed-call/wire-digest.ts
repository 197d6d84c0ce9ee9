import { keyedDigest } from '@ctxlock/core-hash'
import { countOf, objectOf, textOf } from '@ctxlock/provider-kit'

import type { Session } from '../session/session.ts'
import { WIRE_DIGEST } from '../workspace/digest-domains.ts'

/**
 * For the log: what left, where a model's own library wrote the request. Keyed like every digest of a prompt: whoever has the
 * SHA-256 and the workspace's key can compare. Nothing where the adapter sends the recorded bytes themselves.
 */
export function wireFields({ state }: Pick<Session, 'state'>, wire: unknown) {
  const { sha256, bytes } = objectOf(wire)
  const [hash, wire_size] = [textOf(sha256), countOf(bytes)]
  if (hash === undefined || wire_size === undefined) return {}
  return { wire_digest: keyedDigest(state.digestKey, WIRE_DIGEST, Buffer.from(hash)), wire_size }
}
