import { ContextPlan, ContextSnapshot } from '@ctxlock/contracts/context'
import { type CandidateHit, RetrievalTrace, type TrustClass } from '@ctxlock/contracts/retrieval'
import { RoleContextPack } from '@ctxlock/contracts/packs'

import { EXIT_CODE } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import type { Output } from '../output/output.ts'
import { readRecord } from '../session/stored-records.ts'
import { openStoredSession } from '../session/stored-session.ts'

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
    const included = selection.filter((decision) => decision.included)
    const left = selection.filter((decision) => !decision.included)
    const hits = trace.hits ?? []
    output.result({
      ok: true,
      call_id: record.call_id,
      full_prompt_hash: snapshot.prompt_envelope_hashes.full_prompt_hash,
      rules: rolePack.strict_rules.map(({ rule_id, severity, source_refs }) => ({
        rule_id,
        severity,
        source: source_refs[0]?.id ?? null,
      })),
      included,
      left_out: left,
      routes: trace.route_taken,
      freshness: trace.context_pack_freshness,
      drift: trace.drift,
      hits,
      truncation: plan.truncation,
      warnings: snapshot.warnings,
      degraded: snapshot.degraded,
    })
    output.line(`call ${record.call_id}: model ${record.model_id} at ${record.provider_id}`)
    output.line()
    output.line(`always included: ${rolePack.strict_rules.length} strict rules, the task, the question`)
    output.line(`included (${included.length})`)
    for (const decision of included) output.line(decisionLine(decision))
    output.line(`left out (${left.length})`)
    for (const decision of left) output.line(decisionLine(decision))
    for (const hit of hits) output.line(hitLine(hit))
    output.line('routes')
    for (const { store, reason, tool_calls } of trace.route_taken)
      output.line(`  ${store}  ${reason}  (${counted(tool_calls, 'call')})`)
    const stale = trace.context_pack_freshness.filter((pack) => pack.context_pack_stale_detected)
    if (stale.length > 0) output.line(`packs that were not fresh (${stale.length})`)
    for (const { target, context_pack_stale_reason, outcome, decision_row } of stale) {
      output.line(`  ${target}  ${context_pack_stale_reason ?? ''} → ${outcome} (${decision_row})`)
    }
    for (const flag of plan.truncation) output.line(`cut: ${flag}`)
    for (const warning of snapshot.warnings) output.line(`warning: ${warning}`)
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

function decisionLine({
  source_id,
  selector,
  reason,
  trust_class = 'medium',
}: ContextPlan['selection'][number] & { readonly trust_class?: TrustClass }): string {
  return `  ${source_id} ${selector}  ${reason}${trust_class === 'medium' ? '' : `; ${trust_class} trust`}`
}

function hitLine({ candidate_id, pattern_id, view_id, waiver_id }: CandidateHit): string {
  const found = `${pattern_id} in view ${view_id} of candidate ${candidate_id.slice(0, 12)}`
  return waiver_id === undefined ? `suspected: ${found}` : `waived: ${found}, by waiver ${waiver_id.slice(0, 12)}`
}
