import type { GuardReport } from '@ctxlock/contracts/guards'
import type { ProviderError } from '@ctxlock/contracts/provider'

import { gatedSession } from '../run/gated-session.ts'
import type { Session } from '../session/session.ts'
import { bindPacks, recordPackWork } from './bind-packs.ts'
import type { CallOptions } from './call-options.ts'
import { callProvider } from './call-provider.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import { compileCall, type CompiledCall } from './compile-call.ts'
import { consent, type CloudDecision } from './consent.ts'
import { openGuardRun } from './guard-run.ts'
import { identify, type IdentifiedCall } from './identify.ts'
import { recordIterationStart } from './iteration-events.ts'
import { openPackShelf } from './pack-shelf.ts'
import { withoutSuspects } from './quarantine.ts'
import { poison } from './poison.ts'
import { recordIntent } from './record-intent.ts'
import { planRetrieval, retrieveEvidence } from './retrieve-evidence.ts'
import { withinBudget } from './run-budget.ts'
import { settle, type SettledCall } from './settle.ts'
import { recordTamperedPacks } from './tampered-packs.ts'
import { verifyBound } from './verify-bound.ts'
import type { BoundCall } from './bind-packs.ts'
import { withoutNamed } from './without-named.ts'

export interface GovernedCall extends SettledCall {
  readonly ids: CallIds
  readonly subject: CallSubject
  readonly identified: IdentifiedCall
  readonly bound: BoundCall
  readonly compiled: CompiledCall
  readonly reports: readonly GuardReport[]
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
  const session = gatedSession(ungated, ids.fence)
  const node = <Result>(work: (signal: AbortSignal) => Promise<Result>) => session.nodes.run(ids.fence, work)
  const identified = await node(() => identify(session, subject, ids))
  recordIterationStart(session, subject, ids, identified)
  const bound = bindPacks(session, subject, ids, identified, options.rebinding)
  const guarded = { subject, ids, identified }
  const guards = openGuardRun(session, guarded, (result, snapshotId) => poison(ungated, guarded, result, snapshotId))

  const plan = planRetrieval(session, subject, options.embedderId)
  await guards.plan(plan)

  const shelf = openPackShelf(session)
  const found = await node(() => retrieveEvidence(session, subject, plan, shelf, options.embedderId))
  recordPackWork(session, subject, ids, shelf)
  recordTamperedPacks(session, subject, ids, shelf)
  let retrieval = await guards.trace(plan, withoutNamed(found, options.without ?? [], shelf), shelf)

  const freshness = shelf.recheck()
  const compile = () => compileCall(session, { subject, ids, identified, bound, plan, retrieval, freshness, options })
  let compiled = compile()
  for (
    let quarantine = await guards.call(compiled, shelf);
    quarantine;
    quarantine = await guards.call(compiled, shelf)
  ) {
    retrieval = withoutSuspects(retrieval, quarantine, shelf, subject)
    compiled = compile()
  }
  verifyBound(session, subject, ids, bound)
  options.frozen?.verify({ subject, bound, retrieval, shelf })

  const reports = guards.reports
  const send = async (onSend: () => void) => {
    const decision = await node(() => consent(session, { subject, ids, identified, compiled, reports, options }))
    recordIntent(session, { subject, ids, identified, bound, compiled, reports })
    onSend()
    const sent = { compiled, decision, options }
    return { decision, reply: await node((signal) => callProvider(session, ids.fence, { ...sent, signal })) }
  }
  const { decision, reply, settled } = await withinBudget(session, { subject, ids, options }, send, (sent) => ({
    ...sent,
    settled: settle(session, { subject, ids, identified, bound, compiled, reports }, sent.reply, options),
  }))
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
