import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { callCost } from './call-cost.ts'
import { costState, openCostBudget, releaseCost, reserveCost, settleAbandonedCosts, settleCost } from './cost-budget.ts'

const SEED = 20_261_122

function opened(limit_micro_usd: number | null) {
  const store = createDatabase()
  const { database } = store
  openCostBudget(database, { budget_id: 'run', limit_micro_usd, now: NOW })
  return {
    [Symbol.dispose]: () => store[Symbol.dispose](),
    limit: (limit: number) => openCostBudget(database, { budget_id: 'run', limit_micro_usd: limit, now: NOW }),
    reserve: (call_id: string, micro_usd: number | null, owner_id = 'job', budget_id = 'run') =>
      reserveCost(database, { budget_id, call_id, owner_id, micro_usd, now: NOW }),
    settle: (call_id: string, micro_usd: number | null) => settleCost(database, { call_id, micro_usd, now: NOW }),
    release: (call_id: string) => releaseCost(database, call_id),
    abandon: (owner_id: string) => settleAbandonedCosts(database, { budget_id: 'run', owner_id, now: NOW }),
    state: () => costState(database, 'run'),
  }
}

describe('the cost of a call', () => {
  const price = { input_usd_per_million: 0.15, output_usd_per_million: 0.6 }

  it('is counted in whole millionths of a dollar, rounded up', () => {
    expect(callCost(price, { inputTokens: 1_000_000, outputTokens: 1_000_000 })).toBe(750_000)
    expect(callCost(price, { inputTokens: 1, outputTokens: 0 })).toBe(1)
    expect(callCost(price, { inputTokens: 0, outputTokens: 0 })).toBe(0)
    const dear = { input_usd_per_million: 75, output_usd_per_million: 600 }
    expect(callCost(dear, { inputTokens: 1_000_000_000, outputTokens: 3 })).toBe(75_000_001_800)
  })

  it('is unknown without a price or a count, and never 0', () => {
    expect(callCost(undefined, { inputTokens: 1, outputTokens: 1 })).toBeNull()
    expect(callCost(price, { inputTokens: null, outputTokens: 1 })).toBeNull()
    expect(callCost(price, { inputTokens: 1, outputTokens: null })).toBeNull()
    expect(callCost(price, undefined)).toBeNull()
  })
})

describe('a cost budget', () => {
  it('sets the most a call may cost aside, and keeps what it cost', () => {
    using budget = opened(100)
    expect(budget.reserve('a', 60)).toEqual({ granted: true })
    expect(budget.reserve('b', 41)).toEqual({ granted: false, reason: 'limit', remaining: 40 })
    budget.settle('a', 10)
    budget.settle('a', 0)
    expect(budget.state()).toEqual({ limit: 100, known: 10, unknown_calls: 0, open_calls: 0, charged: 10 })
    expect(budget.reserve('b', 41)).toEqual({ granted: true })
    // Neither a call that is open nor one that was made sets more aside.
    for (const call of ['a', 'b'])
      expect(() => budget.reserve(call, 1)).toThrow(expect.objectContaining({ code: 'BUDGET_CONFLICT' }))
  })

  it('says of a call without a count that its cost is unknown, and charges the most it may have been', () => {
    using budget = opened(100)
    budget.reserve('a', 60)
    budget.settle('a', null)
    expect(budget.state()).toEqual({ limit: 100, known: 0, unknown_calls: 1, open_calls: 0, charged: 60 })
  })

  it('without a limit bears models without a price, and says so; with one it does not', () => {
    using free = opened(null)
    expect(free.reserve('a', null)).toEqual({ granted: true })
    free.settle('a', null)
    expect(free.state()).toEqual({ limit: null, known: 0, unknown_calls: 1, open_calls: 0, charged: 0 })
    using bound = opened(100)
    expect(bound.reserve('a', null)).toEqual({ granted: false, reason: 'price_unknown', remaining: 100 })
  })

  it('forgets a call that was not made; of what a dead process left the cost is unknown', () => {
    using budget = opened(100)
    budget.reserve('a', 60)
    budget.release('a')
    budget.reserve('b', 70, 'dead')
    budget.reserve('c', 5, 'alive')
    budget.abandon('alive')
    expect(budget.state()).toEqual({ limit: 100, known: 0, unknown_calls: 1, open_calls: 1, charged: 75 })
    budget.release('b')
    expect(budget.state()?.charged).toBe(75)
  })

  it('takes the limit that holds now', () => {
    using budget = opened(10)
    expect(budget.reserve('a', 11).granted).toBe(false)
    budget.limit(20)
    expect(budget.reserve('a', 11).granted).toBe(true)
    budget.limit(10)
    expect(budget.reserve('b', 0)).toEqual({ granted: false, reason: 'limit', remaining: -1 })
  })

  it('refuses what was never opened, and what is no amount', () => {
    using budget = opened(100)
    expect(() => budget.reserve('a', 1, 'job', 'other')).toThrow(expect.objectContaining({ code: 'BUDGET_UNKNOWN' }))
    budget.reserve('a', 60)
    const invalid = expect.objectContaining({ code: 'BUDGET_INVALID' })
    for (const amount of [-1, 0.5, Number.NaN, Infinity]) {
      expect(() => budget.limit(amount)).toThrow(invalid)
      expect(() => budget.reserve('new', amount)).toThrow(invalid)
      expect(() => budget.settle('a', amount)).toThrow(invalid)
    }
    expect(budget.state()).toEqual({ limit: 100, known: 0, unknown_calls: 0, open_calls: 1, charged: 60 })
  })

  it(`never lets more be set aside than is left (seed ${SEED})`, () => {
    const call = fc.record({ most: fc.nat(60), cost: fc.option(fc.nat(60)) })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
        using budget = opened(100)
        for (const [index, { most, cost }] of calls.entries()) {
          if (!budget.reserve(`${index}`, most).granted) continue
          expect(budget.state()?.charged).toBeLessThanOrEqual(100)
          budget.settle(`${index}`, cost === null ? null : Math.min(cost, most))
        }
      }),
      { seed: SEED, numRuns: 50 },
    )
  })
})
