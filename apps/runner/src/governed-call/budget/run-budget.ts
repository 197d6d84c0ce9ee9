import {
  openCostBudget,
  openTokenBudget,
  raiseTokenBudget,
  reserveTokens,
  settleAbandonedCosts,
  settleAbandonedTokens,
  settleTokens,
} from '@ctxlock/governance'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { Session } from '../../session/session.ts'
import type { CallReply } from '../call-reply.ts'
import type { CallIds, CallSubject } from '../call-subject.ts'
import type { IdentifiedCall } from '../identify.ts'
import type { RequestOptions } from '../request-options.ts'
import { mostTokens, mostUsed } from './budgets.ts'
import { chargedTokens } from './charged-usage.ts'
import { chargeCost, costOfReply, setCostAside } from './run-cost.ts'

/** The tokens and the money of one run, however often it is gone on with. */
export interface RunBudget {
  readonly budgetId: string
  /** The job of this process: what other jobs of the run left reserved was theirs. */
  readonly ownerId: string
  /** Whose money it is: a child run spends that of its parent. */
  readonly purse: { readonly budgetId: string; readonly ownerId: string }
}

/** Why no call was made: the run has too few tokens left. */
export const TOKENS_USED_UP = 'budget_exceeded'

/** A run may use twenty times the token budgets of its micro-tasks (spec 08 section 8): retries have room, loops do not. */
const TIMES_THE_BUDGETS = 20

/** Opens the budget of a run, and charges what an earlier process of it reserved and never settled: its bytes may have left. */
export function openRunBudget(
  session: Session,
  { runId, jobId }: { readonly runId: string; readonly jobId: string },
  subjects: readonly CallSubject[],
): RunBudget {
  const { database } = session.state
  const now = session.timestamp()
  session.state.unsynced(() => {
    openTokenBudget(database, { budget_id: runId, limit_tokens: limitOf(subjects), now })
    settleAbandonedTokens(database, { budget_id: runId, run_id: jobId, now })
    openCostBudget(database, { budget_id: runId, limit_micro_usd: session.config.execution.maxCostMicroUsd, now })
    settleAbandonedCosts(database, { budget_id: runId, owner_id: jobId, now })
  })
  return { budgetId: runId, ownerId: jobId, purse: { budgetId: runId, ownerId: jobId } }
}

/** What a person granted at gates of the loop counts beside what the run began with. Part of the caller's transaction. */
export function grantTokens(
  { state }: Pick<Session, 'state'>,
  { budgetId }: RunBudget,
  subjects: readonly CallSubject[],
  granted: number,
): void {
  if (granted > 0) raiseTokenBudget(state.database, { budget_id: budgetId, limit_tokens: limitOf(subjects) + granted })
}

function limitOf(subjects: readonly CallSubject[]): number {
  return TIMES_THE_BUDGETS * subjects.reduce((sum, { definition }) => sum + definition.token_budget, 0)
}

interface BudgetedCall {
  readonly ids: CallIds
  readonly subject: CallSubject
  readonly identified: Pick<IdentifiedCall, 'provider' | 'model'>
  readonly options: Pick<RequestOptions, 'maxTokens'> & { readonly budget?: RunBudget }
}

/**
 * Sets aside what a call may use at most, in tokens and in money, before anybody is asked about it, and replaces that by what it did use
 * in the transaction in which `record` puts the outcome on record. Nothing is charged when `call` ends before it says that bytes may
 * leave; all of it when the call is lost afterwards. Throws `budget_exceeded`, `COST_LIMIT` and `PRICE_UNKNOWN` when the run cannot bear it.
 */
export async function withinBudget<Called extends { readonly reply: CallReply }, Recorded>(
  session: Session,
  { ids, subject, identified, options }: BudgetedCall,
  call: (onSend: () => void) => Promise<Called>,
  record: (called: Called) => Recorded,
): Promise<Recorded> {
  const { budget } = options
  if (!budget) return record(await call(() => {}))
  const { database } = session.state
  // It reaches the disk with the intent, before any byte leaves.
  session.state.unsynced(() => {
    setTokensAside(session, budget, ids, mostTokens(subject, options.maxTokens))
    const most = mostUsed(subject, options.maxTokens)
    setCostAside(session, budget.purse, { callId: ids.callId, identified, most })
  })
  let used: { readonly tokens: number | null; readonly cost: number | null | 'unsent' } = { tokens: 0, cost: 'unsent' }
  const charge = () => {
    settleTokens(database, { call_id: ids.callId, used_tokens: used.tokens, now: session.timestamp() })
    chargeCost(session, ids.callId, used.cost)
  }
  try {
    const called = await call(() => (used = { tokens: null, cost: null }))
    used = { tokens: chargedTokens(called.reply) ?? null, cost: costOfReply(identified, called.reply) }
    return session.state.synced(() => {
      charge()
      return record(called)
    })
  } catch (error) {
    charge()
    throw error
  }
}

function setTokensAside(
  session: Pick<Session, 'state' | 'timestamp'>,
  { budgetId, ownerId }: RunBudget,
  { callId }: CallIds,
  tokens: number,
): void {
  const reservation = { budget_id: budgetId, call_id: callId, run_id: ownerId, tokens, now: session.timestamp() }
  const { granted, remaining } = reserveTokens(session.state.database, reservation)
  if (!granted) throw exhausted(tokens, remaining)
}

function exhausted(tokens: number, remaining: number): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: TOKENS_USED_UP,
    message: `the run has ${Math.max(0, remaining)} tokens left and this call may use ${tokens}`,
    hint: 'Start a new run, and ask for less with --max-tokens where it was given.',
  })
}
