import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { openTokenBudget, raiseTokenBudget, reserveTokens, settleTokens, tokenBudgetState } from './token-budget.ts'

const SEED = 20_261_121

function opened(limit_tokens: number) {
  const store = createDatabase()
  openTokenBudget(store.database, { budget_id: 'b', limit_tokens, now: NOW })
  return {
    [Symbol.dispose]: () => store[Symbol.dispose](),
    database: store.database,
    reserve: (call_id: string, tokens: number, budget_id = 'b') =>
      reserveTokens(store.database, { budget_id, call_id, run_id: 'r', tokens, now: NOW }),
    settle: (call_id: string, used_tokens: number | null) =>
      settleTokens(store.database, { call_id, used_tokens, now: NOW }),
    state: () => tokenBudgetState(store.database, 'b'),
  }
}

describe('a token budget', () => {
  it('sets aside before a call and gives back what the call did not use', () => {
    using budget = opened(100)
    expect(budget.reserve('a', 60)).toEqual({ granted: true, remaining: 40 })
    expect(budget.reserve('b', 41)).toEqual({ granted: false, remaining: 40 })
    expect(budget.settle('a', 10)).toEqual({ charged: 10, overrun: false })
    expect(budget.reserve('b', 41)).toEqual({ granted: true, remaining: 49 })
    expect(budget.state()).toEqual({ limit: 100, spent: 10, reserved: 41, remaining: 49 })
  })

  it('bears more once its limit is raised, keeps that when it is opened again, and is never lowered', () => {
    using budget = opened(100)
    expect(budget.reserve('a', 120)).toEqual({ granted: false, remaining: 100 })
    raiseTokenBudget(budget.database, { budget_id: 'b', limit_tokens: 150 })
    expect(budget.reserve('a', 120)).toEqual({ granted: true, remaining: 30 })
    raiseTokenBudget(budget.database, { budget_id: 'b', limit_tokens: 50 })
    openTokenBudget(budget.database, { budget_id: 'b', limit_tokens: 100, now: NOW })
    expect(budget.state()).toMatchObject({ limit: 150, remaining: 30 })
    const unknown = () => raiseTokenBudget(budget.database, { budget_id: 'c', limit_tokens: 1 })
    expect(unknown).toThrow(expect.objectContaining({ code: 'BUDGET_UNKNOWN' }))
  })

  it('charges all that was reserved where the server gave no count, and all that was used where it overran', () => {
    using budget = opened(100)
    budget.reserve('silent', 30)
    expect(budget.settle('silent', null)).toEqual({ charged: 30, overrun: false })
    budget.reserve('greedy', 70)
    expect(budget.settle('greedy', 90)).toEqual({ charged: 90, overrun: true })
    expect(budget.state().remaining).toBe(-20)
    expect(budget.reserve('next', 0).granted).toBe(false)
  })

  it('changes nothing when it is asked or told twice', () => {
    using budget = opened(100)
    budget.reserve('a', 60)
    expect(budget.reserve('a', 60)).toEqual({ granted: true, remaining: 40 })
    // While it is open: a call that was settled is refused whatever it asks for.
    openTokenBudget(budget.database, { budget_id: 'c', limit_tokens: 100, now: NOW })
    for (const other of [() => budget.reserve('a', 61), () => budget.reserve('a', 60, 'c')])
      expect(other).toThrow(expect.objectContaining({ code: 'BUDGET_CONFLICT' }))
    budget.settle('a', 5)
    expect(budget.settle('a', 50).charged).toBe(5)
    expect(() => budget.reserve('a', 60)).toThrow(expect.objectContaining({ code: 'BUDGET_CONFLICT' }))
    expect(budget.state()).toEqual({ limit: 100, spent: 5, reserved: 0, remaining: 95 })
  })

  it('keeps its limit, and refuses what is unknown or no number of tokens', () => {
    using budget = opened(100)
    const { database } = budget
    openTokenBudget(database, { budget_id: 'b', limit_tokens: 100, now: NOW })
    const raised = () => openTokenBudget(database, { budget_id: 'b', limit_tokens: 101, now: NOW })
    expect(raised).toThrow(expect.objectContaining({ code: 'BUDGET_CONFLICT' }))
    expect(() => tokenBudgetState(database, 'x')).toThrow(expect.objectContaining({ code: 'BUDGET_UNKNOWN' }))
    expect(() => budget.settle('x', 1)).toThrow(expect.objectContaining({ code: 'BUDGET_UNKNOWN' }))
    budget.reserve('a', 60)
    const invalid = expect.objectContaining({ code: 'BUDGET_INVALID' })
    for (const tokens of [-1, 0.5, Number.NaN, Infinity]) {
      expect(() => budget.reserve('new', tokens)).toThrow(invalid)
      expect(() => budget.settle('a', tokens)).toThrow(invalid)
      expect(() => openTokenBudget(database, { budget_id: 'new', limit_tokens: tokens, now: NOW })).toThrow(invalid)
      expect(() => raiseTokenBudget(database, { budget_id: 'b', limit_tokens: tokens })).toThrow(invalid)
    }
    expect(budget.state()).toEqual({ limit: 100, spent: 0, reserved: 60, remaining: 40 })
  })

  it(`never grants more than it has, whatever is asked and told in whatever order (seed ${SEED})`, () => {
    const step = fc.record({
      call: fc.integer({ min: 0, max: 9 }),
      tokens: fc.nat(60),
      settles: fc.boolean(),
      used: fc.option(fc.nat(60)),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        using budget = opened(100)
        const open = new Map<string, number>()
        let [overrun, charges] = [0, 0]
        steps.forEach(({ call, tokens, settles, used }, index) => {
          const [oldest] = open.keys()
          if (settles && oldest !== undefined) {
            const { charged } = budget.settle(oldest, used)
            expect(charged).toBe(used ?? open.get(oldest))
            charges += charged
            overrun += Math.max(0, charged - (open.get(oldest) ?? 0))
            open.delete(oldest)
          } else if (budget.reserve(`${call}-${index}`, tokens).granted) open.set(`${call}-${index}`, tokens)
          const { spent, reserved, remaining } = budget.state()
          expect(reserved).toBe([...open.values()].reduce((sum, value) => sum + value, 0))
          expect([spent, remaining]).toEqual([charges, 100 - charges - reserved])
          expect(remaining).toBeGreaterThanOrEqual(-overrun)
        })
      }),
      { seed: SEED, numRuns: 60 },
    )
  })
})
