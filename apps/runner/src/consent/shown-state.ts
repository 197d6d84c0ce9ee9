import type { ConsentState, StoredConsentRequest } from '@ctxlock/governance'

import { nodeEnvironment } from '../environment/node-environment.ts'

/** The state of a request as people are told it: an approval that nobody used in its time is none any more (PROV-054). */
export function shownState({ state, answer }: StoredConsentRequest): ConsentState | 'expired' {
  const until = answer?.receipt.valid_until
  const isOver = until !== undefined && nodeEnvironment.clock.now() >= Date.parse(until)
  return state === 'approved' && isOver ? 'expired' : state
}
