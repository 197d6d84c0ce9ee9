import { ProviderError } from '@ctxlock/contracts/provider'
import { openTokenBudget, reserveTokens, settleAbandonedTokens, settleTokens } from '@ctxlock/governance'

import type { Session } from '../session/session.ts'
import { mostTokens } from './budgets.ts'
import type { CallOptions } from './call-options.ts'
import type { CallReply } from './call-provider.ts'
import type { CallIds, CallSubject } from './call-subject.ts'

/** The tokens of one run, however often it is gone on with. */
export interface RunBudget {
  readonly budgetId: string
  /** The job of this process: what other jobs of the run left reserved was theirs. */
  readonly ownerId: string
}

/** A run may use twenty times the token budgets of its micro-tasks (spec 08 section 8): retries have room, loops do not. */
const TIMES_THE_BUDGETS = 20

/** Opens the budget of a run, and charges what an earlier process of it reserved and never settled: its bytes may have left. */
export function openRunBudget(
  session: Session,
  { runId, jobId }: { readonly runId: string; readonly jobId: string },
  subjects: readonly CallSubject[],
): RunBudget {
  const budgets = subjects.reduce((sum, { definition }) => sum + definition.token_budget, 0)
  const { database } = session.state
  const now = session.timestamp()
  session.state.unsynced(() => {
    openTokenBudget(database, { budget_id: runId, limit_tokens: TIMES_THE_BUDGETS * budgets, now })
    settleAbandonedTokens(database, { budget_id: runId, run_id: jobId, now })
  })
  return { budgetId: runId, ownerId: jobId }
}

/**
 * Sets the most a call may cost aside, before anybody is asked about it, and replaces that by what it cost in the transaction in
 * which `record` puts the outcome on record. Nothing is charged when `call` ends before it says that bytes may leave; all of
 * it when the call is lost afterwards. Throws `budget_exceeded` when the run cannot bear the call.
 */
export async function withinBudget<Called extends { readonly reply: CallReply }, Recorded>(
  session: Session,
  { ids, subject, options }: { readonly ids: CallIds; readonly subject: CallSubject; readonly options: CallOptions },
  call: (onSend: () => void) => Promise<Called>,
  record: (called: Called) => Recorded,
): Promise<Recorded> {
  const { budget } = options
  if (!budget) return record(await call(() => {}))
  const { database } = session.state
  const tokens = mostTokens(subject, options.maxTokens)
  const reservation = { budget_id: budget.budgetId, call_id: ids.callId, run_id: budget.ownerId, tokens }
  // It reaches the disk with the intent, before any byte leaves.
  const { granted, remaining } = session.state.unsynced(() =>
    reserveTokens(database, { ...reservation, now: session.timestamp() }),
  )
  if (!granted) throw exhausted(tokens, remaining)
  let used: number | null = 0
  const charge = () => settleTokens(database, { call_id: ids.callId, used_tokens: used, now: session.timestamp() })
  try {
    const called = await call(() => (used = null))
    used = usedTokens(called.reply)
    return session.state.synced(() => {
      charge()
      return record(called)
    })
  } catch (error) {
    charge()
    throw error
  }
}

function usedTokens(reply: CallReply): number | null {
  if (reply.status === 'answered') return reply.result.usage.totalTokens
  return reply.error.attempts === 0 ? 0 : (reply.error.usage?.totalTokens ?? null)
}

function exhausted(tokens: number, remaining: number): ProviderError {
  return new ProviderError(
    'budget_exceeded',
    `The run has ${Math.max(0, remaining)} tokens left and this call may use ${tokens}. Ask for less with --max-tokens, or start a new run.`,
    { attempts: 0 },
  )
}
