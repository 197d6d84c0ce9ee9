import { keyedDigest } from '@ctxlock/core-hash'

import type { Session } from '../session/session.ts'
import { ANSWER_DIGEST } from '../workspace/digest-domains.ts'

/** Over UTF-8 bytes: a reply may hold half of a surrogate pair, which has no text hash. */
export function answerDigest({ state }: Pick<Session, 'state'>, text: string): string {
  return keyedDigest(state.digestKey, ANSWER_DIGEST, Buffer.from(text))
}
