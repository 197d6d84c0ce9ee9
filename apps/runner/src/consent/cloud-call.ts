import type { CloudEscalationBundle } from '@ctxlock/contracts/consent'
import type { GuardReport } from '@ctxlock/contracts/guards'
import { bytesHash } from '@ctxlock/core-hash'
import { checkCloudCall, type CloudCall, type CloudRefusal } from '@ctxlock/governance'

import type { CallOptions } from '../governed-call/call-options.ts'
import { QUESTION_WP_ID, type CallIds, type CallSubject } from '../governed-call/call-subject.ts'
import type { CompiledCall } from '../governed-call/context/compile-call.ts'
import type { IdentifiedCall } from '../governed-call/identify.ts'
import type { Session } from '../session/session.ts'
import { isPerson } from './person-id.ts'

/** What is known of a call when its consent is asked for. */
export interface ConsentInput {
  readonly subject: CallSubject
  readonly ids: CallIds
  readonly identified: IdentifiedCall
  readonly compiled: CompiledCall
  readonly reports: readonly GuardReport[]
  readonly options: Pick<CallOptions, 'maxTokens' | 'person' | 'resumeId'>
}

/** The checks that no receipt can help against (C1 to C4, C12), and a secret without which the call would fail. */
export function refusalWithoutBundle(session: Session, input: ConsentInput): CloudRefusal | undefined {
  session.providers.requireSecret(input.identified.provider)
  const decision = checkCloudCall(cloudCall(session, input, undefined), consentPorts(session))
  if (decision.allowed) throw new TypeError('a cloud call was allowed without a receipt')
  if (decision.check !== 'C5') return decision
  return leakageGuardPassed(input.reports)
    ? undefined
    : {
        allowed: false,
        check: 'C12',
        code: 'CloudLeakageBlocked',
        reason: 'CloudLeakageGuard passed for the same bytes',
      }
}

/** Everything but the bundle is the host's own knowledge. */
export function cloudCall(session: Session, input: ConsentInput, bundle: CloudEscalationBundle | undefined): CloudCall {
  const { subject, ids, identified, compiled, reports } = input
  const jobId = ids.parentJobId ?? ids.jobId
  return {
    tier: identified.model.tier,
    automation_level: session.automationLevel,
    profile: session.profile,
    assignment: identified.assignment,
    provider_id: identified.provider.provider_id,
    model_id: identified.model.model_id,
    prepared: compiled.prepared,
    job_id: jobId,
    earlier_jobs: earlierJobs(session, input, jobId),
    session_id: ids.sessionId,
    wp_id: subject.wpId,
    mt_id: subject.definition.mt_id,
    bundle,
    leakage: { passed: leakageGuardPassed(reports), payload_sha256: bytesHash(compiled.prepared.body) },
    now: session.timestamp(),
  }
}

/** A question is one call: gone on with, it is the same escalation again, and a person is asked again. */
function earlierJobs({ jobs }: Session, { subject, ids, options }: ConsentInput, jobId: string): string[] {
  if (subject.wpId === QUESTION_WP_ID) return []
  return jobs.jobsOf(options.resumeId ?? ids.runId).filter((id) => id !== jobId)
}

/** What every CLOUD event says of the call. */
export function escalationOf({ identified, ids }: ConsentInput, requestId: string) {
  return {
    request_id: requestId,
    reason: ids.parentJobId === undefined ? 'explicit_request' : 'escalation',
    requested_model_id: identified.model.model_id,
  }
}

export function consentPorts(session: Pick<Session, 'state'>) {
  return { database: session.state.database, isHuman: isPerson }
}

function leakageGuardPassed(reports: readonly GuardReport[]): boolean {
  return reports.some(
    ({ hook, guards }) =>
      hook === 'call' && guards.some(({ name, verdict }) => name === 'CloudLeakageGuard' && verdict === 'pass'),
  )
}
