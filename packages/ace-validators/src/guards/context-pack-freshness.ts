import type { CallInput, Guard, GuardOutcome, TraceInput } from '@ctxlock/contracts/guards'

import { errorsOf, NOT_APPLICABLE, outcome, shortened } from './outcome.ts'

const NAME = 'ContextPackFreshnessGuard'
const error = errorsOf(NAME)

/**
 * Spec 03 section 6: no stale pack is evidence. The judgement is computed anew from the sources, after retrieval and again
 * right before the call, since a file may change in between (VAL-054, FG-010, FG-011).
 */
export const contextPackFreshnessGuard: Guard = {
  name: NAME,
  validateTrace: judge,
  validateCall: judge,
}

function judge({ trace, ports }: Pick<TraceInput | CallInput, 'trace' | 'ports'>): GuardOutcome {
  if (trace === null) return NOT_APPLICABLE
  const { verdict, violations } = ports.freshness(trace)
  const errors = violations.map(({ code, pack_id, candidate_id, reason, decision_row, token }) =>
    error('ContextPackStale', {
      violation: code,
      pack_id: pack_id ?? null,
      reason: reason ?? null,
      decision_row: decision_row ?? null,
      ...(candidate_id !== undefined && { candidate_id }),
      ...(token !== undefined && { token: shortened(token) }),
    }),
  )
  if (verdict === 'fail' && errors.length === 0) return outcome([error('ContextPackStale', { violation: 'unnamed' })])
  return outcome(errors, verdict === 'degrade' ? { verdict: 'degrade' } : {})
}
