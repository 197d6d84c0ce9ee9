import {
  CONSENT_SCOPES,
  type ApprovalAnswer,
  type ApprovalDetail,
  type ApprovalSummary,
} from '@ctxlock/console/approvals'
import type { ConsentReceipt } from '@ctxlock/contracts/consent'
import type { StoredConsentRequest } from '@ctxlock/governance'
import { Hono } from 'hono'
import { z } from 'zod'

import { approveRequest, denyRequest, HASH_DIGITS } from '../../consent/answer-request.ts'
import { disclosureOf } from '../../consent/consent-report.ts'
import { findRequest, storedRequests } from '../../consent/find-request.ts'
import { shownState } from '../../consent/shown-state.ts'
import { commandResult } from '../../output/command-result.ts'
import { lookAtRecord } from '../../session/look-at-record.ts'
import { openRunIndex } from '../../session/run-index.ts'
import type { StoredSession } from '../../session/stored-session.ts'
import { failureAnswer } from '../failure-answer.ts'
import { requestBody } from '../request-body.ts'
import { runTitle } from '../run-title.ts'

const ANSWERED_SHOWN = 50
const MOST = 1_000_000_000

const ApproveQuestion = z
  .strictObject({
    hash: z.string().max(64),
    scope: z.enum(CONSENT_SCOPES).exactOptional(),
    minutes: z.int().min(1).max(MOST).exactOptional(),
    max_calls: z.int().min(1).max(MOST).exactOptional(),
    max_bytes: z.int().min(1).max(MOST).exactOptional(),
    with: z.array(z.uuid()).max(ANSWERED_SHOWN).exactOptional(),
  })
  .transform(({ max_calls: maxCalls, max_bytes: maxBytes, ...rest }) => ({
    ...rest,
    ...(maxCalls !== undefined && { maxCalls }),
    ...(maxBytes !== undefined && { maxBytes }),
  }))
const DenyQuestion = z.strictObject({ reason: z.string().max(512).exactOptional() })

/** What waits for a person's answer, its exact bytes, and the answer. */
export function approvalRoutes(root: string): Hono {
  const detail = (id: string) => lookAtRecord(root, (session) => approvalDetail(session, id))
  const routes = new Hono()
  routes.get('/', (context) => context.json(lookAtRecord(root, approvals)))
  routes.get('/:id', (context) => context.json(detail(context.req.param('id'))))
  // The very functions of `ctxlock consent approve` and `deny`.
  routes.post('/:id/approve', async (context) => {
    const [id, question] = [context.req.param('id'), await requestBody(context, ApproveQuestion)]
    await commandResult(approveRequest, root, question, [id])
    return context.json(detail(id))
  })
  routes.post('/:id/deny', async (context) => {
    const [id, question] = [context.req.param('id'), await requestBody(context, DenyQuestion)]
    await commandResult(denyRequest, root, question, [id])
    return context.json(detail(id))
  })
  return routes
}

/** Those that wait, the oldest first; then those that were answered, the newest first. */
function approvals(session: StoredSession): ApprovalSummary[] {
  const requests = storedRequests(session.state.database)
  const isWaiting = (found: StoredConsentRequest) => shownState(session.state, found) === 'waiting'
  const rest = requests.filter((request) => !isWaiting(request)).toReversed()
  return [...requests.filter(isWaiting), ...rest.slice(0, ANSWERED_SHOWN)].map((found) => summaryOf(session, found))
}

function summaryOf(session: StoredSession, found: StoredConsentRequest): ApprovalSummary {
  const { request, plan, run_id, created_at } = found.asked
  return {
    request_id: request.request_id,
    run_id,
    state: shownState(session.state, found),
    created_at,
    bytes: plan.max_bytes,
    provider_id: plan.provider_id,
    origin: plan.endpoint_origin,
    model_ids: plan.model_ids,
    wp_id: request.wp_id,
    title: runTitle(openRunIndex(session.state.database, session.artifacts), run_id) ?? '',
  }
}

function approvalDetail(session: StoredSession, id: string): ApprovalDetail {
  const found = findRequest(session.state.database, id)
  const { plan, request, run_id } = found.asked
  const { answer } = found
  return {
    ...summaryOf(session, found),
    sha256: plan.payload_sha256,
    digits: HASH_DIGITS,
    reason: request.reason,
    redactions: plan.redactions_applied,
    estimated_tokens: plan.estimated_tokens ?? null,
    estimated_cost_usd: plan.estimated_cost_usd ?? null,
    answer: answer ? answerOf(answer.receipt) : null,
    others: otherRequests(session, found).map((other) => summaryOf(session, other)),
    resume: `ctxlock resume ${run_id.slice(0, 8)}`,
    ...disclosed(session, found),
  }
}

function otherRequests(session: StoredSession, { asked }: StoredConsentRequest): StoredConsentRequest[] {
  const { request_id } = asked.request
  return storedRequests(session.state.database).filter(
    (other) => other.asked.request.request_id !== request_id && shownState(session.state, other) === 'waiting',
  )
}

function answerOf(receipt: ConsentReceipt): ApprovalAnswer {
  return {
    approved: receipt.approved,
    at: receipt.approved_at,
    by: receipt.user_id,
    notes: receipt.notes ?? null,
    scope: receipt.consent_scope,
    until: receipt.valid_until ?? null,
    most_calls: receipt.max_calls ?? null,
    most_bytes: receipt.max_total_bytes ?? null,
  }
}

/** The bytes as they would leave; a source that changed meanwhile is named instead. */
function disclosed(
  session: StoredSession,
  { asked }: StoredConsentRequest,
): Pick<ApprovalDetail, 'sources' | 'own_bytes' | 'shown'> {
  try {
    const { body, sources, ownBytes, plan } = disclosureOf(session, asked)
    return {
      sources: sources.map(({ path, bytes, lines }) => ({
        path,
        bytes,
        lines: lines.map(([start, end]) => `${start}–${end}`).join(', '),
      })),
      own_bytes: ownBytes,
      shown: { text: new TextDecoder().decode(body), bytes: body.length, sha256: plan.payload_sha256, from: 'sources' },
    }
  } catch (error) {
    return { sources: [], own_bytes: 0, shown: failureAnswer(error).body }
  }
}
