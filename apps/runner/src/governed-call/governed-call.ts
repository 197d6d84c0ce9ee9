import type { Retrieval } from '@ctxlock/context-compiler'
import type { GuardReport } from '@ctxlock/contracts/guards'
import type { ProviderError } from '@ctxlock/contracts/provider'

import { gatedSession } from '../session/gated-session.ts'
import type { Session } from '../session/session.ts'
import { withinBudget } from './budget/run-budget.ts'
import type { CallOptions } from './call-options.ts'
import { callProvider } from './call-provider.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import type { MakeCall } from './call-turn.ts'
import type { CloudDecision } from './cloud-decision.ts'
import { consent, recordAllowed } from './consent.ts'
import { compileCall, type CompiledCall, type CompileInput } from './context/compile-call.ts'
import { divideCall } from './context/divide-call.ts'
import { retrieveCurrent } from './context/retrieve-current.ts'
import { planRetrieval, retrieveEvidence } from './context/retrieve-evidence.ts'
import { withoutNamed } from './context/without-named.ts'
import type { PoisonTrap } from './guards/guard-refusal.ts'
import { openGuardRun, type GuardRun } from './guards/guard-run.ts'
import { poison } from './guards/poison.ts'
import { withoutSuspects } from './guards/quarantine.ts'
import { identify, type IdentifiedCall } from './identify.ts'
import { recordIterationStart } from './iteration-events.ts'
import { enterModelSession, openModelSession } from './model-session.ts'
import { bindPacks, recordPackWork } from './packs/bind-packs.ts'
import type { BoundCall } from './packs/bind-packs.ts'
import { requireCapabilities } from './packs/capability-gate.ts'
import type { PackShelf } from './packs/pack-shelf.ts'
import { recordTamperedPacks } from './packs/tampered-packs.ts'
import { verifyBound } from './packs/verify-bound.ts'
import { recordIntent } from './record/record-intent.ts'
import { settle } from './settle.ts'
import type { SettledCall } from './settled-call.ts'

/** Everything before the bytes leave. It can be kept while a model is changed, and sent once. */
export interface PreparedGovernedCall {
  readonly ids: CallIds
  readonly subject: CallSubject
  readonly identified: IdentifiedCall
  readonly bound: BoundCall
  readonly compiled: CompiledCall
  readonly reports: readonly GuardReport[]
  readonly options: CallOptions
}

export interface GovernedCall extends SettledCall, Omit<PreparedGovernedCall, 'options'> {
  readonly decision: CloudDecision
  readonly failure: ProviderError | undefined
}

/**
 * One governed call (ARCHITECTURE.md): data moves down this list once, and a refusal at any step ends it before a byte has
 * left. What waits for something is a node of the job and ends with it (VAL-071). Throws what the step that refused throws.
 */
export async function governedCall(
  ungated: Session,
  subject: CallSubject,
  ids: CallIds,
  options: CallOptions,
): Promise<GovernedCall> {
  return sendCall(ungated, await prepareCall(ungated, subject, ids, options))
}

/** Steps 1 to 6: nothing leaves this machine. */
export async function prepareCall(
  ungated: Session,
  subject: CallSubject,
  ids: CallIds,
  options: CallOptions,
): Promise<PreparedGovernedCall> {
  const session = gatedSession(ungated, ids.fence)
  const node = <Result>(work: (signal: AbortSignal) => Promise<Result>) => session.nodes.run(ids.fence, work)
  const { identified, resolved } = await node(() => identify(session, subject, ids))
  const { bound, guards } = session.state.unsyncedSteps(() => {
    recordIterationStart(session, subject, ids, identified, resolved)
    const bound = bindPacks(session, subject, ids, identified, options.rebinding)
    requireCapabilities(session, ids, bound.rolePack.capabilities, subject.role, subject.definition)
    openModelSession(session, { subject, ids, identified, options }, bound)
    const guarded = { subject, ids, identified }
    const trap: PoisonTrap = (result, snapshotId) => poison(ungated, guarded, result, snapshotId)
    return { bound, guards: openGuardRun(session, guarded, trap) }
  })

  const divided = divideCall(session, { subject, identified, bound, options })
  const plan = planRetrieval(session, subject, divided.budgets.suffix, options.embedderId)
  await guards.plan(plan)

  const { embedderId, reindex } = options
  const { tier } = identified.model
  const retrieve = (shelf: PackShelf) =>
    node(() => retrieveEvidence(session, subject, plan, shelf, { tier, embedderId }))
  const { found, shelf, shelves } = await retrieveCurrent(session, retrieve, reindex)
  for (const examined of shelves) {
    recordPackWork(session, subject, ids, examined)
    recordTamperedPacks(session, subject, ids, examined)
  }
  const traced = await guards.trace(plan, withoutNamed(found, options.without ?? [], shelf), shelf)

  const fixed = { subject, ids, identified, bound, plan, freshness: shelf.recheck(), divided, options }
  const { compiled, retrieval } = await compileUntilClean(session, { ...fixed, retrieval: traced }, guards, shelf)
  verifyBound(session, subject, ids, bound)
  options.frozen?.verify({ subject, bound, retrieval, shelf })

  return { ids, subject, identified, bound, compiled, reports: guards.reports, options }
}

/** Compiled anew without what the guards of the whole call take out, until they take out nothing more (VAL-064). */
async function compileUntilClean(
  session: Session,
  input: CompileInput & { readonly retrieval: Retrieval },
  guards: GuardRun,
  shelf: PackShelf,
): Promise<{ readonly compiled: CompiledCall; readonly retrieval: Retrieval }> {
  const compiled = compileCall(session, input)
  const quarantine = await guards.call(compiled, shelf)
  if (!quarantine) return { compiled, retrieval: input.retrieval }
  const retrieval = withoutSuspects(input.retrieval, quarantine, shelf, input.subject)
  return compileUntilClean(session, { ...input, retrieval }, guards, shelf)
}

/** Steps 7 to 10. `options` may have changed since the call was prepared; its bytes have not. */
export async function sendCall(
  ungated: Session,
  { ids, subject, identified, bound, compiled, reports, options }: PreparedGovernedCall,
): Promise<GovernedCall> {
  const session = gatedSession(ungated, ids.fence)
  const node = <Result>(work: (signal: AbortSignal) => Promise<Result>) => session.nodes.run(ids.fence, work)
  const send = async (onSend: () => void) => {
    const asked = { subject, ids, identified, compiled, reports, options }
    const decision = await node(() => consent(session, asked))
    // Whoever waits for a turn has sent nothing: the intent belongs to the turn.
    const make: MakeCall = (signal, onRetry) => {
      recordAllowed(session, asked, decision, () => {
        const entered = enterModelSession(session, { subject, ids, identified, compiled, options }, decision)
        recordIntent(session, { subject, ids, identified, bound, compiled, reports }, entered)
      })
      options.onIntent?.({ subject, ids, identified, bound, compiled, reports })
      onSend()
      return callProvider(session, ids.fence, { compiled, decision, options, signal, onRetry })
    }
    const { inTurn = (_, now, signal) => now(signal) } = options
    const turn = { ids, subject, identified, options }
    return { decision, reply: await node((signal) => inTurn(turn, make, AbortSignal.any([options.signal, signal]))) }
  }
  const { decision, reply, settled } = await withinBudget(
    session,
    { ids, subject, identified, options },
    send,
    (sent) => ({
      ...sent,
      settled: settle(session, { subject, ids, identified, bound, compiled, reports }, sent.reply, options),
    }),
  )
  return {
    ...settled,
    ids,
    subject,
    identified,
    bound,
    compiled,
    reports,
    decision,
    failure: reply.status === 'failed' ? reply.error : undefined,
  }
}
