import type { OnCandidateHit } from '@ctxlock/contracts/guards'

import type { ScanResult } from '../scanner/matches.ts'
import { MANDATORY_VIEW } from '../scanner/views.ts'

/**
 * What becomes of a text before it is evidence, as the profile chose. What the mandatory view shows is not lowered, whatever
 * else is found beside it.
 */
export function candidateAction<Action extends ScanResult['action']>(
  action: Action,
  viewIds: readonly string[],
  choice: OnCandidateHit,
): Action | 'quarantine' {
  const isLowered = choice === 'quarantine' && action === 'poison' && !viewIds.includes(MANDATORY_VIEW.id)
  return isLowered ? 'quarantine' : action
}
