import type { CallRecord } from '@ctxlock/contracts/call'
import { ContextPlan, ContextSnapshot } from '@ctxlock/contracts/context'
import { type CandidateHit, RetrievalTrace, type TrustClass } from '@ctxlock/contracts/retrieval'
import { RoleContextPack } from '@ctxlock/contracts/packs'

import { EXIT_CODE } from '../../exit-code.ts'
import { counted } from '../../output/counted.ts'
import type { Output } from '../../output/output.ts'
import { cutText, leftOutText } from '../../output/selection-text.ts'
import { sourceOfTarget } from '../../output/source-of-target.ts'
import { readRecord } from '../../session/stored-records.ts'
import { openStoredSession } from '../../session/stored-session.ts'

/** What a call included, what it left out, and for which reason. */
export function whyCall(root: string, name: string, output: Output): number {
  const session = openStoredSession(root, process.env)
  try {
    const record = session.calls.find(name)
    const plan = readRecord(session, record.context_plan, ContextPlan)
    const trace = readRecord(session, record.retrieval_trace, RetrievalTrace)
    const snapshot = readRecord(session, record.context_snapshot, ContextSnapshot)
    const rolePack = readRecord(session, record.role_pack, RoleContextPack)
    const trust = new Map(trace.candidates.map(({ candidate_id, trust_class }) => [candidate_id, trust_class]))
    const selection = plan.selection.map((decision) => {
      const trust_class = trust.get(decision.candidate_id)
      return { ...decision, ...(trust_class !== undefined && { trust_class }) }
    })
    output.result({
      ok: true,
      call_id: record.call_id,
      full_prompt_hash: snapshot.prompt_envelope_hashes.full_prompt_hash,
      rules: rolePack.strict_rules.map(({ rule_id, severity, source_refs }) => ({
        rule_id,
        severity,
        source: source_refs[0]?.id ?? null,
      })),
      included: selection.filter((decision) => decision.included),
      left_out: selection.filter((decision) => !decision.included),
      routes: trace.route_taken,
      freshness: trace.context_pack_freshness,
      drift: trace.drift,
      hits: trace.hits ?? [],
      truncation: plan.truncation,
      warnings: snapshot.warnings,
      degraded: snapshot.degraded,
    })
    for (const line of whyLines(record, { rolePack, selection, trace, plan, snapshot })) output.line(line)
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

type Decision = ContextPlan['selection'][number] & { readonly trust_class?: TrustClass }

interface ExplainedCall {
  readonly rolePack: RoleContextPack
  readonly selection: readonly Decision[]
  readonly trace: RetrievalTrace
  readonly plan: ContextPlan
  readonly snapshot: ContextSnapshot
}

function whyLines(
  { call_id, model_id, provider_id }: CallRecord,
  { rolePack, selection, trace, plan, snapshot }: ExplainedCall,
): string[] {
  const included = selection.filter((decision) => decision.included)
  const left = selection.filter((decision) => !decision.included)
  const stale = trace.context_pack_freshness.filter((pack) => pack.context_pack_stale_detected)
  return [
    `call ${call_id}: model ${model_id} at ${provider_id}`,
    '',
    `always included: ${counted(rolePack.strict_rules.length, 'strict rule')}, the task, the question`,
    `included (${included.length})`,
    ...included.map(decisionLine),
    `left out (${left.length})`,
    ...left.map((decision) => decisionLine({ ...decision, reason: leftOutText(decision.reason, trace) })),
    ...(trace.hits ?? []).map(hitLine),
    'routes',
    ...trace.route_taken.map(
      ({ store, reason, tool_calls }) => `  ${store}  ${reason}  (${counted(tool_calls, 'call')})`,
    ),
    ...(stale.length > 0 ? [`packs that were not fresh (${stale.length})`] : []),
    ...stale.map(
      ({ target, context_pack_stale_reason, outcome, decision_row }) =>
        `  ${sourceOfTarget(target)}  ${context_pack_stale_reason ?? ''} → ${outcome} (${decision_row})`,
    ),
    ...plan.truncation.map((flag) => `cut: ${cutText(flag, trace)}`),
    ...snapshot.warnings.map((warning) => `warning: ${warning}`),
  ]
}

function decisionLine({ source_id, selector, reason, trust_class = 'medium' }: Decision): string {
  return `  ${source_id} ${selector}  ${reason}${trust_class === 'medium' ? '' : `; ${trust_class} trust`}`
}

function hitLine({ candidate_id, pattern_id, view_id, waiver_id }: CandidateHit): string {
  const found = `${pattern_id} in view ${view_id} of candidate ${candidate_id.slice(0, 12)}`
  return waiver_id === undefined ? `suspected: ${found}` : `waived: ${found}, by waiver ${waiver_id.slice(0, 12)}`
}
