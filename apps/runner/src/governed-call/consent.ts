import { mutate } from '@ctxlock/ace-validators/poisoning'
import type { RequestManifest } from '@ctxlock/contracts/call'
import type { CloudEscalationBundle, ConsentRequest } from '@ctxlock/contracts/consent'
import type { Hash } from '@ctxlock/contracts/primitives'
import {
  checkCloudCall,
  deniedConsentRequest,
  openConsentRequest,
  recheckCloudCall,
  standingReceipts,
  storeConsentRequest,
  type CloudRefusal,
  type StoredReceipt,
} from '@ctxlock/governance'

import {
  cloudCall,
  consentPorts,
  escalationOf,
  refusalWithoutBundle,
  type ConsentInput,
} from '../consent/cloud-call.ts'
import { recordAsked, recordExecuted, recordRefused, takeAnswer } from '../consent/consent-events.ts'
import { deniedByPerson, refusedBy, waitsForPerson } from '../consent/consent-refusal.ts'
import { ONE_CALL } from '../consent/consent-terms.ts'
import { disclose } from '../consent/disclosure.ts'
import { personHere } from '../consent/person-id.ts'
import { plannedConsent, storedManifest, type PlannedConsent } from '../consent/planned-consent.ts'
import type { Session } from '../session/session.ts'
import type { CloudDecision, CoveredCall } from './cloud-decision.ts'
import { callEventBase } from './event-base.ts'
import { blockModelSession, endModelSession } from './model-session.ts'

/**
 * Step 7: a local call needs nobody. A cloud call needs a human's receipt for exactly these bytes (PROV-047..PROV-056). Whatever
 * refuses without a human is asked first, so that nobody is asked about a call that could not be made. Throws when the call is
 * refused, denied, or has to wait for an answer.
 */
export async function consent(session: Session, input: ConsentInput): Promise<CloudDecision> {
  // A child run is there for a cloud call; a level that only says so is refused (C1).
  const { identified, ids } = input
  if (identified.model.tier === 'local' && ids.parentJobId === undefined) return { allowed: true, tier: 'local' }
  const refusal = refusalWithoutBundle(session, input)
  if (refusal) {
    recordAsked(session, callEventBase(input.ids, input.subject), escalationOf(input, input.ids.callId))
    throw refuse(session, input, refusal, input.ids.callId)
  }

  const { manifest, hash } = storedManifest(session, input)
  const call = plannedConsent(session, input, manifest)
  const { database } = session.state
  const found = openConsentRequest(database, ids.sessionId, call.plan, session.timestamp())
  // No wider consent is an answer to what a person refused. Only somebody who goes on at a gate, with a child of its own, is asked again.
  const refused = deniedConsentRequest(database, runOf(input), call.plan.payload_sha256)
  if (refused && (ids.parentJobId === undefined || found?.state === 'denied'))
    throw denied(session, input, refused.asked)
  const covered = refused ? undefined : coveredByStanding(session, input, call, found?.asked)
  if (covered) return { ...covered, tier: 'cloud' }

  // A wider consent that was spent on other calls is no answer to this one any more.
  const earlier = found?.answer && isWide(found.answer) ? undefined : found
  const asked = earlier?.asked ?? ask(session, input, call, hash)
  const { request_id } = asked.request
  const answer = earlier?.answer ?? (await answerNow(session, input, asked, manifest))
  if (!answer.receipt.approved) throw denied(session, input, asked)
  const decision = useReceipt(session, input, asked, answer)
  if (!decision.allowed) throw refuse(session, input, decision, request_id)
  return { ...decision, tier: 'cloud' }
}

/**
 * Step 8 of a call that waited for its turn: what `record` writes stands only if its consent still does. That is asked last in
 * the transaction, so that no intent on record is later than what allowed it (PROV-054, MT-064). Throws when it does not; nothing
 * of the call is on record then but the refusal.
 */
export function recordAllowed(
  session: Session,
  input: ConsentInput,
  decision: CloudDecision,
  record: () => void,
): void {
  if (decision.tier === 'local') return session.state.synced(record)
  let refusal: CloudRefusal | undefined
  try {
    session.state.synced(() => {
      record()
      const again = recheckCloudCall(cloudCall(session, input, decision.bundle), consentPorts(session))
      if (again.allowed) return
      refusal = again
      throw new Error('what was recorded is undone')
    })
  } catch (error) {
    throw refusal ? refuse(session, input, refusal, decision.request_id) : error
  }
}

function denied(session: Session, input: ConsentInput, asked: ConsentRequest): Error {
  endModelSession(session, input, 'CANCELLED', 'consent_denied')
  return deniedByPerson(asked)
}

function refuse(session: Session, input: ConsentInput, refusal: CloudRefusal, requestId: string): Error {
  const base = callEventBase(input.ids, input.subject)
  recordRefused(session, base, escalationOf(input, requestId), refusal)
  endModelSession(session, input, 'FAILED', refusal.code)
  return refusedBy(refusal, input.identified.model.model_id)
}

/** A receipt of a wider scope that a human gave earlier and that covers this call. */
function coveredByStanding(
  session: Session,
  input: ConsentInput,
  call: PlannedConsent,
  earlier: ConsentRequest | undefined,
): CoveredCall | undefined {
  for (const stored of standingReceipts(session.state.database)) {
    const decision = useReceipt(session, input, earlier ?? call, stored)
    if (decision.allowed) return decision
  }
  return undefined
}

/** C1 to C13 and FR-EVT-CLOUD-004 in one transaction behind the fence: a use that is not on record is none. */
function useReceipt(
  session: Session,
  input: ConsentInput,
  { request, plan: asked }: PlannedConsent,
  stored: StoredReceipt,
): CoveredCall | CloudRefusal {
  const { receipt, plan: answered } = stored
  const wide = isWide(stored)
  const plan = wide ? { ...asked, parent_plan_id: answered.projection_plan_id } : asked
  const bundle: CloudEscalationBundle = {
    request: {
      ...request,
      projection_plan_id: plan.projection_plan_id,
      consent_receipt_id: receipt.consent_receipt_id,
    },
    plan,
    receipt,
    ...(wide && { parent_plan: answered }),
  }
  return mutate(session.state.database, input.ids.fence, () => {
    const decision = checkCloudCall(cloudCall(session, input, bundle), consentPorts(session))
    if (!decision.allowed) return decision
    const base = callEventBase(input.ids, input.subject)
    const asked = { ...escalationOf(input, decision.request_id), session_id: input.ids.sessionId }
    recordExecuted(session, base, asked, decision)
    return { ...decision, bundle }
  })
}

function isWide({ receipt }: StoredReceipt): boolean {
  return receipt.consent_scope !== 'SINGLE_CALL'
}

/** Writes down what is asked, and that it is, before anybody sees it. */
function ask(session: Session, input: ConsentInput, call: PlannedConsent, manifestHash: Hash): ConsentRequest {
  const asked: ConsentRequest = {
    schema_version: 'ctxlock.consent_request@1',
    ...call,
    request_manifest: manifestHash,
    run_id: runOf(input),
    job_id: input.ids.jobId,
    created_at: session.timestamp(),
  }
  mutate(session.state.database, input.ids.fence, () => {
    storeConsentRequest(session.state.database, asked)
    const base = callEventBase(input.ids, input.subject)
    recordAsked(session, base, escalationOf(input, asked.request.request_id), asked.plan)
    blockModelSession(session, input)
  })
  return asked
}

/** The run as a person knows it, however often it is gone on with. */
function runOf({ ids, options }: ConsentInput): string {
  return options.resumeId ?? ids.runId
}

/**
 * Throws `waitsForPerson` when nobody is there to be asked, or whoever is has not answered, and `REQUEST_ANSWERED` when somebody
 * else answered meanwhile and this person says otherwise: the first answer stands, and a no sends nothing.
 */
async function answerNow(
  session: Session,
  { ids, options: { person }, compiled }: ConsentInput,
  asked: ConsentRequest,
  manifest: RequestManifest,
): Promise<StoredReceipt> {
  const answer = await person?.answer(disclose(asked.plan, manifest, compiled.prepared.body))
  if (answer !== 'approved' && answer !== 'denied') throw waitsForPerson(asked, answer)
  const elsewhere = openConsentRequest(session.state.database, ids.sessionId, asked.plan, session.timestamp())?.answer
  if (elsewhere && answer === 'approved') return elsewhere
  const receipt = takeAnswer(session, asked, {
    runId: ids.runId,
    approved: answer === 'approved',
    userId: personHere(),
    now: session.timestamp(),
    terms: ONE_CALL,
    surface: 'cloud_escalation_modal',
    uuid: session.stamps.uuid,
  })
  return { receipt, plan: asked.plan, revokedAt: null }
}
