import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { closeChildBudget, openChildBudget } from './child-budget.ts'
import { openTokenBudget, reserveTokens, settleTokens, tokenBudgetState } from './token-budget.ts'

const SEED = 20_261_122

function family(limit_tokens: number) {
  const store = createDatabase()
  const { database } = store
  openTokenBudget(database, { budget_id: 'parent', limit_tokens, now: NOW })
  return {
    [Symbol.dispose]: () => store[Symbol.dispose](),
    open: (budget_id: string, tokens: number) =>
      openChildBudget(database, { budget_id, parent_budget_id: 'parent', run_id: 'r', tokens, now: NOW }),
    close: (budget_id: string) => closeChildBudget(database, budget_id, NOW),
    reserve: (budget_id: string, call_id: string, tokens: number) =>
      reserveTokens(database, { budget_id, call_id, run_id: 'r', tokens, now: NOW }),
    settle: (call_id: string, used_tokens: number | null) => settleTokens(database, { call_id, used_tokens, now: NOW }),
    state: (budget_id: string) => tokenBudgetState(database, budget_id),
  }
}

describe('a budget a parent reserved for a child', () => {
  it('is spent for the parent until the child ends, and what was not used comes back', () => {
    using budgets = family(100)
    expect(budgets.open('child', 60)).toEqual({ granted: true, remaining: 40 })
    expect(budgets.open('other', 41)).toEqual({ granted: false, remaining: 40 })
    budgets.reserve('child', 'call', 50)
    budgets.settle('call', 20)
    expect(budgets.close('child')).toEqual({ charged: 20, overrun: false })
    expect(budgets.state('parent')).toEqual({ limit: 100, spent: 20, reserved: 0, remaining: 80 })
  })

  it('binds the child, and charges calls that were never settled in full', () => {
    using budgets = family(100)
    budgets.open('child', 30)
    expect(budgets.reserve('child', 'too large', 31).granted).toBe(false)
    budgets.reserve('child', 'lost', 25)
    expect(budgets.close('child').charged).toBe(25)
  })

  it('is the same when asked for again, and refused to a child of another size', () => {
    using budgets = family(100)
    budgets.open('child', 30)
    expect(budgets.open('child', 30)).toEqual({ granted: true, remaining: 70 })
    expect(() => budgets.open('child', 31)).toThrow(expect.objectContaining({ code: 'BUDGET_CONFLICT' }))
  })

  it(`never lets a family spend more than the parent has (seed ${SEED})`, () => {
    const step = fc.record({ child: fc.nat(4), tokens: fc.nat(60), close: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        using budgets = family(100)
        const [open, closed] = [new Set<string>(), new Set<string>()]
        steps.forEach(({ child, tokens, close }, index) => {
          const [oldest] = open
          if (close && oldest !== undefined) {
            budgets.close(oldest)
            open.delete(oldest)
            closed.add(oldest)
          } else if (budgets.open(`${child}-${index}`, tokens).granted) {
            open.add(`${child}-${index}`)
            budgets.reserve(`${child}-${index}`, `call-${index}`, tokens)
          }
          const { spent, reserved } = budgets.state('parent')
          const sum = (ids: ReadonlySet<string>) => [...ids].reduce((all, id) => all + budgets.state(id).limit, 0)
          expect([spent, reserved]).toEqual([sum(closed), sum(open)])
          expect(spent + reserved).toBeLessThanOrEqual(100)
        })
      }),
      { seed: SEED, numRuns: 60 },
    )
  })
})
