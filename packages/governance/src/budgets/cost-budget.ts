import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { GovernanceError } from '../governance-error.ts'

// Amounts are whole millionths of a US dollar; null is unknown, and never counts as nothing.

export interface CostReservation {
  readonly budget_id: string
  readonly call_id: string
  /** The process or run that makes the call; tells reservations of a crashed one from live ones. */
  readonly owner_id: string
  /** The most the call may cost; null for a model without a price. */
  readonly micro_usd: number | null
  /** RFC 3339 */
  readonly now: string
}

export type CostDecision =
  | { readonly granted: true }
  /** A limit cannot be kept with a model that has no price. */
  | { readonly granted: false; readonly reason: 'limit' | 'price_unknown'; readonly remaining: number }

export interface CostState {
  readonly limit: number | null
  /** Of calls whose cost is known. */
  readonly known: number
  /** Calls that were made and whose cost nobody knows. */
  readonly unknown_calls: number
  /** Calls for which money is set aside: they are being made, or whoever made them is gone. */
  readonly open_calls: number
  /** What counts against the limit: what is known, and the most the rest may have cost. */
  readonly charged: number
}

/** Opens a budget, or gives it the limit that holds now: a person may raise it while a run waits. Throws `BUDGET_INVALID`. */
export function openCostBudget(
  database: SqlDatabase,
  budget: { readonly budget_id: string; readonly limit_micro_usd: number | null; readonly now: string },
): void {
  requireAmount(budget.limit_micro_usd)
  database
    .prepare(
      `INSERT INTO cost_budget (budget_id, limit_micro_usd, opened_at) VALUES (?, ?, ?)
       ON CONFLICT (budget_id) DO UPDATE SET limit_micro_usd = excluded.limit_micro_usd`,
    )
    .run(budget.budget_id, budget.limit_micro_usd, budget.now)
}

/** Sets the most a call may cost aside, or says why the budget cannot bear it. Throws `BUDGET_UNKNOWN`, `BUDGET_CONFLICT`, `BUDGET_INVALID`. */
export function reserveCost(database: SqlDatabase, reservation: CostReservation): CostDecision {
  const { budget_id, call_id, owner_id, micro_usd, now } = reservation
  requireAmount(micro_usd)
  return inTransaction(database, () => {
    const state = costState(database, budget_id)
    if (!state) throw new GovernanceError('BUDGET_UNKNOWN', 'Expected a budget that was opened before.')
    const { limit, charged } = state
    if (database.prepare('SELECT 1 FROM cost_entry WHERE call_id = ?').get(call_id)) {
      throw new GovernanceError('BUDGET_CONFLICT', 'Expected a call id that reserved nothing yet: use a new one.')
    }
    if (limit !== null) {
      const remaining = limit - charged
      if (micro_usd === null) return { granted: false, reason: 'price_unknown', remaining }
      if (micro_usd > remaining) return { granted: false, reason: 'limit', remaining }
    }
    database
      .prepare(
        'INSERT INTO cost_entry (call_id, budget_id, owner_id, reserved_micro_usd, reserved_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(call_id, budget_id, owner_id, micro_usd, now)
    return { granted: true }
  })
}

/** Replaces a reservation by what the call cost; null is unknown, and counts as all that was reserved. Settling again changes nothing. */
export function settleCost(
  database: SqlDatabase,
  { call_id, micro_usd, now }: Pick<CostReservation, 'call_id' | 'micro_usd' | 'now'>,
): void {
  requireAmount(micro_usd)
  database
    .prepare('UPDATE cost_entry SET charged_micro_usd = ?, settled_at = ? WHERE call_id = ? AND settled_at IS NULL')
    .run(micro_usd, now, call_id)
}

/** Forgets the reservation of a call that was not made. */
export function releaseCost(database: SqlDatabase, callId: string): void {
  database.prepare('DELETE FROM cost_entry WHERE call_id = ? AND settled_at IS NULL').run(callId)
}

/** After a crash: what other owners left reserved is of unknown cost. Call it when no other owner of the budget is alive. */
export function settleAbandonedCosts(
  database: SqlDatabase,
  { budget_id, owner_id, now }: Pick<CostReservation, 'budget_id' | 'owner_id' | 'now'>,
): void {
  database
    .prepare('UPDATE cost_entry SET settled_at = ? WHERE budget_id = ? AND owner_id <> ? AND settled_at IS NULL')
    .run(now, budget_id, owner_id)
}

/** What a budget came to so far; undefined for one that was never opened. */
export function costState(database: SqlDatabase, budgetId: string): CostState | undefined {
  const row = database
    .prepare(
      `SELECT b.limit_micro_usd, coalesce(sum(e.charged_micro_usd), 0) AS known,
         coalesce(sum(coalesce(e.charged_micro_usd, e.reserved_micro_usd)), 0) AS charged,
         count(e.settled_at) - count(e.charged_micro_usd) AS unknown_calls,
         count(e.call_id) - count(e.settled_at) AS open_calls
       FROM cost_budget b LEFT JOIN cost_entry e USING (budget_id) WHERE budget_id = ? GROUP BY budget_id`,
    )
    .get(budgetId)
  if (!row) return undefined
  const { limit_micro_usd: limit, known, charged, unknown_calls, open_calls } = row
  return {
    limit: limit === null ? null : Number(limit),
    known: Number(known),
    unknown_calls: Number(unknown_calls),
    open_calls: Number(open_calls),
    charged: Number(charged),
  }
}

function requireAmount(amount: number | null): void {
  if (amount === null || (Number.isSafeInteger(amount) && amount >= 0)) return
  throw new GovernanceError('BUDGET_INVALID', 'Expected a whole number of micro-dollars, 0 or more.')
}
