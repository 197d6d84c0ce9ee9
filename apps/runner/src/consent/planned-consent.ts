import type { RequestManifest } from '@ctxlock/contracts/call'
import type { ConsentRequest } from '@ctxlock/contracts/consent'

import { mostUsed } from '../governed-call/budget/budgets.ts'
import { excerptsOf } from '../governed-call/record/request-excerpts.ts'
import { describeRequest } from '../governed-call/record/request-manifest.ts'
import type { Session } from '../session/session.ts'
import { storeRecord } from '../session/store-record.ts'
import { escalationOf, type ConsentInput } from './cloud-call.ts'
import { projectionPlan } from './projection-plan.ts'

/** What a human would be asked, and the plan that would be shown. */
export type PlannedConsent = Pick<ConsentRequest, 'request' | 'plan'>

export function plannedConsent(
  session: Pick<Session, 'stamps' | 'timestamp'>,
  input: ConsentInput,
  manifest: RequestManifest,
): PlannedConsent {
  const { ids, subject, identified, compiled, options } = input
  const { stable_prefix, variable_suffix } = compiled.envelope
  const plan = projectionPlan({
    planId: session.stamps.uuid(),
    createdAt: session.timestamp(),
    provider: identified.provider,
    modelId: identified.model.model_id,
    url: compiled.prepared.url,
    body: compiled.prepared.body,
    manifest,
    promptTokens: stable_prefix.token_estimate + variable_suffix.token_estimate,
    mostAnswerTokens: mostUsed(subject, options.maxTokens).outputTokens,
    // A child is bound by its session: its job is another one after a crash, and what a person approved is the same.
    ...(ids.parentJobId === undefined && { jobId: ids.jobId }),
    sessionId: ids.sessionId,
    wpId: subject.wpId,
    mtId: subject.definition.mt_id,
  })
  return {
    plan,
    request: {
      schema_version: 'hsk.cloud_escalation@0.4',
      ...escalationOf(input, ids.callId),
      wp_id: subject.wpId,
      mt_id: subject.definition.mt_id,
      local_attempts: subject.attempt?.localAttempts ?? 0,
      last_error_summary: subject.attempt?.lastError ?? '',
      projection_plan_id: plan.projection_plan_id,
      session_id: ids.sessionId,
    },
  }
}

/** Describes the bytes by their parts, so that they can be shown again without a copy of a source. */
export function storedManifest(session: Pick<Session, 'artifacts' | 'state'>, { identified, compiled }: ConsentInput) {
  const manifest = describeRequest(
    {
      body: compiled.prepared.body,
      excerpts: excerptsOf(compiled.rendered),
      providerId: identified.provider.provider_id,
      modelId: identified.model.model_id,
      key: session.state.digestKey,
    },
    session.artifacts,
  )
  return { manifest, hash: storeRecord(session.artifacts, manifest).content_hash }
}
