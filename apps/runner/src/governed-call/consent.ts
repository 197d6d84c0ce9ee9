import { checkCloudCall, type CloudPermission } from '@ctxlock/governance'
import type { GuardReport } from '@ctxlock/contracts/guards'
import { bytesHash } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import type { CompiledCall } from './compile-call.ts'
import { callEventBase } from './event-base.ts'
import type { IdentifiedCall } from './identify.ts'

export type CloudDecision =
  | { readonly allowed: true; readonly tier: 'local' }
  | (CloudPermission & { readonly tier: 'cloud' })

export interface ConsentInput {
  readonly subject: CallSubject
  readonly ids: CallIds
  readonly identified: IdentifiedCall
  readonly compiled: CompiledCall
  readonly reports: readonly GuardReport[]
}

/**
 * Step 7: a local call needs nobody. A cloud call needs a receipt for exactly these bytes (PROV-050); asking for one comes
 * with a later version, so here every cloud call ends, and both events say so.
 */
export function consent(session: Session, input: ConsentInput): CloudDecision {
  const { model, provider } = input.identified
  if (model.tier === 'local') return { allowed: true, tier: 'local' }
  const decision = checkCloudCall(
    {
      tier: model.tier,
      automation_level: session.automationLevel,
      profile: session.profile,
      assignment: input.identified.assignment,
      provider_id: provider.provider_id,
      model_id: model.model_id,
      prepared: input.compiled.prepared,
      job_id: input.ids.jobId,
      session_id: input.ids.sessionId,
      wp_id: input.subject.wpId,
      mt_id: input.subject.definition.mt_id,
      bundle: undefined,
      leakage: { passed: leakageGuardPassed(input.reports), payload_sha256: bytesHash(input.compiled.prepared.body) },
      now: session.timestamp(),
    },
    { database: session.state.database, isHuman: () => false },
  )
  recordEscalation(session, input, decision)
  if (decision.allowed) return { ...decision, tier: 'cloud' }
  const missing = decision.status_code === 'CX-MM-CONSENT-MISSING'
  throw new CommandError({
    exit: missing ? EXIT_CODE.needsPerson : EXIT_CODE.refused,
    code: decision.status_code ?? decision.code,
    message: `the call to the cloud model ${model.model_id} was not sent (${decision.check}): ${decision.reason}`,
    hint: missing
      ? 'This version cannot ask for consent yet. Choose a local model; nothing left this machine.'
      : 'The profile or the automation level forbids it; nothing left this machine.',
  })
}

function recordEscalation(
  session: Session,
  { ids, subject, identified }: ConsentInput,
  decision: ReturnType<typeof checkCloudCall>,
): void {
  const payload = { request_id: ids.callId, reason: 'explicit_request', requested_model_id: identified.model.model_id }
  const base = callEventBase(ids, subject)
  session.recorder.record({
    ...base,
    fr_event_id: 'FR-EVT-CLOUD-001',
    type: 'cloud_escalation_requested',
    payload: { ...payload, wp_id: subject.wpId, mt_id: subject.definition.mt_id },
  })
  if (decision.allowed) return
  session.recorder.record({
    ...base,
    fr_event_id: 'FR-EVT-CLOUD-003',
    type: 'cloud_escalation_denied',
    payload: { ...payload, outcome: 'denied', denied_check: decision.check },
  })
}

function leakageGuardPassed(reports: readonly GuardReport[]): boolean {
  return reports.some(
    ({ hook, guards }) =>
      hook === 'call' && guards.some(({ name, verdict }) => name === 'CloudLeakageGuard' && verdict === 'pass'),
  )
}
