import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RegenerationOutcome, StaleHandling } from '@ctxlock/contracts/freshness'

import { decide, isPossible, worstOutcome, type DecisionInput } from './decision.ts'

interface Row {
  readonly row: string
  readonly pack: 'fresh' | 'stale'
  readonly regen_allowed: boolean | null
  readonly regen_required: boolean | null
  readonly stale_handling: StaleHandling | null
  readonly regen_outcome: RegenerationOutcome
  readonly outcome: string
  readonly tokens: readonly string[]
  readonly degraded: boolean | null
  readonly evidence: string
  readonly pack_score: number
  readonly regenerated_pack_score: number | null
  readonly call_proceeds: boolean
  readonly attempted: boolean
  readonly performed: boolean
}

const table: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL('../../../vectors/freshness/decision-table.json', import.meta.url), 'utf8'),
)
const BOTH = [false, true]

/** Every input there is, possible or not. */
const INPUTS: readonly DecisionInput[] = (['fresh', 'stale'] as const).flatMap((pack) =>
  BOTH.flatMap((regenAllowed) =>
    BOTH.flatMap((regenRequired) =>
      StaleHandling.options.flatMap((staleHandling) =>
        RegenerationOutcome.options.map((regenOutcome) => ({
          pack,
          regenAllowed,
          regenRequired,
          staleHandling,
          regenOutcome,
        })),
      ),
    ),
  ),
)

function matches(row: Row, input: DecisionInput): boolean {
  const free = <T>(expected: T | null, actual: T) => expected === null || expected === actual
  return (
    row.pack === input.pack &&
    row.regen_outcome === input.regenOutcome &&
    free(row.regen_allowed, input.regenAllowed) &&
    free(row.regen_required, input.regenRequired) &&
    free(row.stale_handling, input.staleHandling)
  )
}

describe('T-X-FG-01 decision table', () => {
  it('has the rows D00 to D30, each once', () => {
    const expected = Array.from({ length: 31 }, (_, number) => `D${String(number).padStart(2, '0')}`)
    expect(table.rows.map((row) => row.row)).toEqual(expected)
  })

  it.each(table.rows)('$row', (row) => {
    const inputs = INPUTS.filter((input) => matches(row, input))
    expect(inputs.length).toBeGreaterThan(0)
    for (const input of inputs) {
      expect(decide(input)).toEqual({
        row: row.row,
        outcome: row.outcome,
        tokens: row.tokens,
        degraded: row.degraded,
        evidence: row.evidence,
        packScore: row.pack_score,
        regeneratedPackScore: row.regenerated_pack_score,
        proceeds: row.call_proceeds,
        attempted: row.attempted,
        performed: row.performed,
      })
    }
  })

  it('covers exactly the inputs that can occur, each by one row', () => {
    for (const input of INPUTS) {
      const rows = table.rows.filter((row) => matches(row, input))
      expect(rows.length, JSON.stringify(input)).toBe(isPossible(input) ? 1 : 0)
      if (!isPossible(input)) expect(() => decide(input)).toThrowError(/expected not_attempted/)
    }
  })
})

describe('worstOutcome (FG-030)', () => {
  it('ranks fail > degrade_and_fallback > fallback > use_regenerated > use_pack', () => {
    const ranked = ['use_pack', 'use_regenerated', 'fallback', 'degrade_and_fallback', 'fail'] as const
    for (const [index, worse] of ranked.entries()) {
      for (const better of ranked.slice(0, index + 1)) {
        expect(worstOutcome([worse, better])).toBe(worse)
        expect(worstOutcome([better, worse])).toBe(worse)
      }
    }
    expect(worstOutcome([])).toBe('use_pack')
  })

  it('does not depend on the order of the packs', () => {
    const outcome = fc.constantFrom('use_pack', 'use_regenerated', 'fallback', 'degrade_and_fallback', 'fail' as const)
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        expect(worstOutcome(outcomes.toReversed())).toBe(worstOutcome(outcomes))
      }),
      { seed: 3027 },
    )
  })
})
