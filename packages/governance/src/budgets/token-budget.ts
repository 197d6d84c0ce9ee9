import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { GovernanceError } from '../governance-error.ts'

/** What one call may cost at most: the tokens of its prompt and its output limit. Stored before a byte leaves. */
export interface TokenReservation {
  readonly budget_id: string
  readonly call_id: string
  /** The process or run that makes the call; tells reservations of a crashed one from live ones. */
  readonly run_id: string
  readonly tokens: number
  /** RFC 3339 */
  readonly now: string
}

/** `remaining` counts what is reserved as spent. */
export interface ReservationDecision {
  readonly granted: boolean
  readonly remaining: number
}

export interface SettledReservation {
  readonly charged: number
  /** The server used more than was reserved: charged all the same, so later calls pay for it. */
  readonly overrun: boolean
}

export interface TokenBudgetState {
  readonly limit: number
  readonly spent: number
  readonly reserved: number
  readonly remaining: number
}

/** Opens a budget, or finds it open with this limit or a raised one. Throws `BUDGET_CONFLICT` for a smaller limit, `BUDGET_INVALID`. */
export function openTokenBudget(
  database: SqlDatabase,
  { budget_id, limit_tokens, now }: { readonly budget_id: string; readonly limit_tokens: number; readonly now: string },
): void {
  requireTokens(limit_tokens)
  inTransaction(database, () => {
    const stored = database.prepare('SELECT limit_tokens FROM token_budget WHERE budget_id = ?').get(budget_id)
    if (stored && Number(stored['limit_tokens']) < limit_tokens)
      throw new GovernanceError('BUDGET_CONFLICT', 'Expected the budget to have at least this limit: use another id.')
    if (!stored) database.prepare('INSERT INTO token_budget VALUES (?, ?, ?)').run(budget_id, limit_tokens, now)
  })
}

/** Raises the limit of a budget, as a person granted it; never lowers it. Throws `BUDGET_UNKNOWN`, `BUDGET_INVALID`. */
export function raiseTokenBudget(
  database: SqlDatabase,
  { budget_id, limit_tokens }: { readonly budget_id: string; readonly limit_tokens: number },
): void {
  requireTokens(limit_tokens)
  inTransaction(database, () => {
    tokenBudgetState(database, budget_id)
    database
      .prepare('UPDATE token_budget SET limit_tokens = max(limit_tokens, ?) WHERE budget_id = ?')
      .run(limit_tokens, budget_id)
  })
}

/**
 * Sets the cost of a call aside, or says that the budget cannot bear it. One transaction reads and writes, so that calls that
 * start together cannot spend the same tokens. Asking again for the same call changes nothing: a refused call may be asked
 * for again later. Throws `BUDGET_UNKNOWN`, `BUDGET_CONFLICT` for a call id that reserved something else, `BUDGET_INVALID`.
 */
export function reserveTokens(database: SqlDatabase, reservation: TokenReservation): ReservationDecision {
  const { budget_id, call_id, run_id, tokens, now } = reservation
  requireTokens(tokens)
  return inTransaction(database, () => {
    const { remaining } = tokenBudgetState(database, budget_id)
    const stored = database
      .prepare('SELECT budget_id, reserved_tokens, charged_tokens FROM token_reservation WHERE call_id = ?')
      .get(call_id)
    if (stored) {
      const same = stored['budget_id'] === budget_id && Number(stored['reserved_tokens']) === tokens
      // A settled call was made already: letting it out again would cost twice what was set aside.
      if (same && stored['charged_tokens'] === null) return { granted: true, remaining }
      throw new GovernanceError('BUDGET_CONFLICT', 'Expected a call id that reserved nothing else: use a new one.')
    }
    if (tokens > remaining) return { granted: false, remaining }
    database
      .prepare(
        `INSERT INTO token_reservation (call_id, budget_id, run_id, reserved_tokens, reserved_at)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(call_id, budget_id, run_id, tokens, now)
    return { granted: true, remaining: remaining - tokens }
  })
}

/**
 * Replaces a reservation by what the call cost. `null` is unknown and costs all that was reserved: a server that gives no
 * counts is not free. 0 only when no byte left. Settling again changes nothing. Throws `BUDGET_UNKNOWN`, `BUDGET_INVALID`.
 */
export function settleTokens(
  database: SqlDatabase,
  {
    call_id,
    used_tokens,
    now,
  }: { readonly call_id: string; readonly used_tokens: number | null; readonly now: string },
): SettledReservation {
  if (used_tokens !== null) requireTokens(used_tokens)
  return inTransaction(database, () => {
    const stored = database
      .prepare('SELECT reserved_tokens, charged_tokens FROM token_reservation WHERE call_id = ?')
      .get(call_id)
    if (!stored) throw new GovernanceError('BUDGET_UNKNOWN', 'Expected a call that reserved tokens before it was made.')
    const reserved = Number(stored['reserved_tokens'])
    const settled = stored['charged_tokens']
    const charged = settled === null ? (used_tokens ?? reserved) : Number(settled)
    if (settled === null)
      database
        .prepare('UPDATE token_reservation SET charged_tokens = ?, settled_at = ? WHERE call_id = ?')
        .run(charged, now, call_id)
    return { charged, overrun: charged > reserved }
  })
}

/**
 * After a crash: charges all that other runs left reserved, since nobody knows whether their bytes left. Returns how many
 * calls that were. Call it when no other run of the budget is alive.
 */
export function settleAbandonedTokens(
  database: SqlDatabase,
  { budget_id, run_id, now }: { readonly budget_id: string; readonly run_id: string; readonly now: string },
): number {
  return inTransaction(database, () => {
    const abandoned = database
      .prepare(
        `SELECT call_id FROM token_reservation
         WHERE budget_id = ? AND run_id <> ? AND charged_tokens IS NULL`,
      )
      .all(budget_id, run_id)
    for (const { call_id } of abandoned) settleTokens(database, { call_id: String(call_id), used_tokens: null, now })
    return abandoned.length
  })
}

/** Throws `BUDGET_UNKNOWN`. */
export function tokenBudgetState(database: SqlDatabase, budgetId: string): TokenBudgetState {
  const row = database
    .prepare(
      `SELECT limit_tokens,
         (SELECT coalesce(sum(charged_tokens), 0) FROM token_reservation r WHERE r.budget_id = b.budget_id) AS spent,
         (SELECT coalesce(sum(reserved_tokens), 0) FROM token_reservation r
          WHERE r.budget_id = b.budget_id AND r.charged_tokens IS NULL) AS reserved
       FROM token_budget b WHERE budget_id = ?`,
    )
    .get(budgetId)
  if (!row) throw new GovernanceError('BUDGET_UNKNOWN', 'Expected a budget that was opened before.')
  const [limit, spent, reserved] = [Number(row['limit_tokens']), Number(row['spent']), Number(row['reserved'])]
  return { limit, spent, reserved, remaining: limit - spent - reserved }
}

function requireTokens(tokens: number): void {
  if (Number.isSafeInteger(tokens) && tokens >= 0) return
  throw new GovernanceError('BUDGET_INVALID', 'Expected a whole number of tokens, 0 or more.')
}
