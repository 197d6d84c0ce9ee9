import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import {
  openTokenBudget,
  reserveTokens,
  settleTokens,
  tokenBudgetState,
  type ReservationDecision,
  type SettledReservation,
} from './token-budget.ts'

/** What a job sets aside for a child of its own: the child can spend that, and no more. */
export interface ChildBudget {
  readonly budget_id: string
  readonly parent_budget_id: string
  /** The process or run that reserves, as in a reservation. */
  readonly run_id: string
  readonly tokens: number
  /** RFC 3339 */
  readonly now: string
}

/**
 * Sets tokens of the parent aside and opens the child's budget with them, in one transaction: what children were promised is spent
 * for the parent, whether they have used it or not. Asking again changes nothing. Throws what `reserveTokens` throws.
 */
export function openChildBudget(database: SqlDatabase, child: ChildBudget): ReservationDecision {
  const { budget_id, parent_budget_id, run_id, tokens, now } = child
  return inTransaction(database, () => {
    const reservation = { budget_id: parent_budget_id, call_id: reservationOf(budget_id), run_id, tokens, now }
    const decision = reserveTokens(database, reservation)
    if (decision.granted) openTokenBudget(database, { budget_id, limit_tokens: tokens, now })
    return decision
  })
}

/**
 * Ends the child: the parent is charged what the child spent, and what it had reserved and never settled, since those bytes may
 * have left. The rest is given back. Throws what `settleTokens` throws.
 */
export function closeChildBudget(database: SqlDatabase, budget_id: string, now: string): SettledReservation {
  return inTransaction(database, () => {
    const { spent, reserved } = tokenBudgetState(database, budget_id)
    return settleTokens(database, { call_id: reservationOf(budget_id), used_tokens: spent + reserved, now })
  })
}

/** A child is to its parent what a call is. */
function reservationOf(budgetId: string): string {
  return `child:${budgetId}`
}
