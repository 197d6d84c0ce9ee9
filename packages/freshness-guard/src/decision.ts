import type { FreshnessOutcome, RegenerationOutcome, StaleHandling } from '@ctxlock/contracts/freshness'

import { FreshnessError } from './freshness-error.ts'

export interface DecisionInput {
  /** An invalid pack takes the rows of a stale one (FG-009). */
  readonly pack: 'fresh' | 'stale'
  /** The effective value, after every gate. */
  readonly regenAllowed: boolean
  readonly regenRequired: boolean
  readonly staleHandling: StaleHandling
  readonly regenOutcome: RegenerationOutcome
}

/** One row of the decision table (FG-027). */
export interface Decision {
  /** `D00` to `D30`. */
  readonly row: string
  readonly outcome: FreshnessOutcome
  /** What enters `RetrievalTrace.warnings` (FG-034). */
  readonly tokens: readonly string[]
  /** `null` when the call fails, so that there is nothing to mark. */
  readonly degraded: boolean | null
  readonly evidence: 'examined_pack' | 'regenerated_pack' | 'none'
  /** Of the examined pack; 1 only for a valid and fresh one (FG-021). */
  readonly packScore: 0 | 1
  /** Of the pack that replaces it, `null` when none does. */
  readonly regeneratedPackScore: 1 | null
  /** False: no compiled context is emitted (FG-023). */
  readonly proceeds: boolean
  readonly attempted: boolean
  readonly performed: boolean
}

const HANDLINGS: readonly StaleHandling[] = ['fallback', 'degrade_and_fallback', 'fail']
const REGENERATION_OUTCOMES: readonly RegenerationOutcome[] = [
  'not_attempted',
  'attempted_failed',
  'performed_still_stale',
  'performed_fresh',
]
/** Best first (FG-030). */
const OUTCOMES: readonly FreshnessOutcome[] = [
  'use_pack',
  'use_regenerated',
  'fallback',
  'degrade_and_fallback',
  'fail',
]

/** False for what the table has no row for: a rebuild of a fresh pack, or one that was not allowed (FG-015). */
export function isPossible({ pack, regenAllowed, regenOutcome }: DecisionInput): boolean {
  return regenOutcome === 'not_attempted' || (pack === 'stale' && regenAllowed)
}

/** The row that applies to one examined pack (FG-020..FG-027). Throws `DECISION_IMPOSSIBLE` where `isPossible` is false. */
export function decide(input: DecisionInput): Decision {
  if (!isPossible(input)) {
    throw new FreshnessError(
      'DECISION_IMPOSSIBLE',
      `A ${input.pack} pack with regeneration ${input.regenAllowed ? '' : 'not '}allowed cannot have the regeneration ` +
        `outcome ${input.regenOutcome}; expected not_attempted.`,
    )
  }
  const outcome = outcomeOf(input)
  const upgraded = outcome === 'degrade_and_fallback' && input.staleHandling === 'fallback'
  return {
    row: rowOf(input),
    outcome,
    tokens: [...staleTokens(outcome), ...(upgraded ? ['context_pack_policy:fallback_upgraded'] : [])],
    degraded: outcome === 'fail' ? null : outcome === 'degrade_and_fallback',
    evidence: outcome === 'use_pack' ? 'examined_pack' : outcome === 'use_regenerated' ? 'regenerated_pack' : 'none',
    packScore: outcome === 'use_pack' ? 1 : 0,
    regeneratedPackScore: outcome === 'use_regenerated' ? 1 : null,
    proceeds: outcome !== 'fail',
    attempted: input.regenOutcome !== 'not_attempted',
    performed: input.regenOutcome === 'performed_still_stale' || input.regenOutcome === 'performed_fresh',
  }
}

/** The worst of several outcomes; `use_pack` of none (FG-030). */
export function worstOutcome(outcomes: Iterable<FreshnessOutcome>): FreshnessOutcome {
  let worst = 0
  for (const outcome of outcomes) worst = Math.max(worst, OUTCOMES.indexOf(outcome))
  return OUTCOMES[worst] ?? 'fail'
}

function outcomeOf({ pack, regenRequired, staleHandling, regenOutcome }: DecisionInput): FreshnessOutcome {
  if (pack === 'fresh') return 'use_pack'
  if (regenOutcome === 'performed_fresh') return 'use_regenerated'
  if (!regenRequired) return 'fallback'
  // A silent fallback would hide that a required regeneration did not happen (FG-026).
  return staleHandling === 'fail' ? 'fail' : 'degrade_and_fallback'
}

function staleTokens(outcome: FreshnessOutcome): string[] {
  if (outcome === 'use_pack') return []
  return [`context_pack_stale:${outcome === 'use_regenerated' ? 'regenerated' : outcome}`]
}

/** Rows are numbered by A, then R, then stale_handling, then regeneration outcome, counting only what can occur. */
function rowOf({ pack, regenAllowed, regenRequired, staleHandling, regenOutcome }: DecisionInput): string {
  if (pack === 'fresh') return 'D00'
  const handling = HANDLINGS.indexOf(staleHandling)
  const required = regenRequired ? HANDLINGS.length : 0
  const number = regenAllowed
    ? 7 + (required + handling) * REGENERATION_OUTCOMES.length + REGENERATION_OUTCOMES.indexOf(regenOutcome)
    : 1 + required + handling
  return `D${String(number).padStart(2, '0')}`
}
