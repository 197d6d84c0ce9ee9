import type { CallDetail, GuardFinding, ShownSource } from '@ctxlock/console'
import { RequestManifest, type CallRecord } from '@ctxlock/contracts/call'
import { ContextPlan, ContextSnapshot } from '@ctxlock/contracts/context'
import { WorkUnitContextPack } from '@ctxlock/contracts/packs'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { bytesHash } from '@ctxlock/core-hash'
import { explainCall, type CallExplanation } from '@ctxlock/flight-recorder'

import { segmentsOf } from '../calls/call-segments.ts'
import { cutText, leftOutText } from '../output/selection-text.ts'
import { readRecord } from '../session/stored-records.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** What a call saw, under which budgets, rules and guards, by its records and the log. The rules in force are told, no text of a source is. */
export function callDetail(session: StoredSession, call: CallRecord): CallDetail {
  const explained = explainCall(session.state.database, call.trace_id)
  const plan = readRecord(session, call.context_plan, ContextPlan)
  const snapshot = readRecord(session, call.context_snapshot, ContextSnapshot)
  const trace = readRecord(session, call.retrieval_trace, RetrievalTrace)
  const manifest = readRecord(session, call.request_manifest, RequestManifest)
  const { context_payload } = readRecord(session, call.work_unit_pack, WorkUnitContextPack)
  const { segments, rules } = segmentsOf(session, call)
  const { inference, settlement, binding, identity } = explained
  return {
    call_id: call.call_id,
    run_id: call.run_id,
    step_id: call.step_id,
    created_at: call.created_at,
    provider_id: call.provider_id,
    model_id: call.model_id,
    effective_model_id: inference?.payload.effective_model_id ?? null,
    role: identity?.role ?? 'unknown',
    backend: identity?.backend ?? null,
    outcome: settlement?.payload.outcome ?? null,
    usage: usageOf(explained),
    quotations: settlement?.payload.quotations ?? null,
    segments,
    budgets: {
      total: plan.budgets.total,
      prefix: plan.budgets.prefix,
      suffix: plan.budgets.suffix,
      counter: snapshot.token_counter_id,
    },
    allocation: Object.entries(context_payload.allocation).map(([section, tokens]) => ({
      section: section.replaceAll('_', ' '),
      tokens,
    })),
    sources: shownSources(session, trace),
    left_out: plan.selection.flatMap(({ included, source_id, selector, reason }) =>
      included
        ? []
        : [{ source: pathOfSourceId(source_id) ?? source_id, lines: selector, reason: leftOutText(reason, trace) }],
    ),
    rules: rules.map(({ rule_id, severity, text, source_refs }) => ({
      rule_id,
      severity,
      text,
      source: source_refs[0]?.id ?? null,
    })),
    guards: (explained.guard_report ?? []).map(({ hook, guards }) => ({
      hook,
      guards: guards.map(({ name, verdict, code, duration_ms }) => ({
        name,
        verdict,
        code: code ?? null,
        milliseconds: duration_ms,
      })),
    })),
    findings: findingsOf(explained, trace),
    packs: binding
      ? [
          {
            pack: 'role pack',
            requested: binding.role_pack.requested_hash,
            effective: binding.role_pack.effective_hash,
          },
          {
            pack: 'work-unit pack',
            requested: binding.work_unit_pack.requested_hash,
            effective: binding.work_unit_pack.effective_hash,
          },
        ]
      : [],
    stale: trace.context_pack_freshness.flatMap(({ target, context_pack_stale_reason, outcome }) =>
      context_pack_stale_reason === null ? [] : [{ target, reason: context_pack_stale_reason, outcome }],
    ),
    hashes: [
      { name: 'stable prefix', hash: snapshot.prompt_envelope_hashes.stable_prefix_hash },
      { name: 'variable suffix', hash: snapshot.prompt_envelope_hashes.variable_suffix_hash },
      { name: 'full prompt', hash: snapshot.prompt_envelope_hashes.full_prompt_hash },
      { name: 'request bytes', hash: manifest.payload_sha256 },
    ],
    payload_bytes: manifest.payload_bytes,
    warnings: [...snapshot.warnings, ...plan.truncation.map((flag) => `cut: ${cutText(flag, trace)}`)],
    missing: explained.missing,
  }
}

function usageOf({ inference, settlement }: CallExplanation): CallDetail['usage'] {
  if (!inference) return null
  const { token_usage, cached_prompt_tokens = null, latency_ms = null, usage_source = 'none' } = inference.payload
  return {
    prompt_tokens: token_usage.prompt_tokens,
    completion_tokens: token_usage.completion_tokens,
    cached_prompt_tokens,
    latency_ms,
    cost_micro_usd: settlement?.payload.cost_micro_usd ?? null,
    source: usage_source,
  }
}

function shownSources({ reader }: StoredSession, { spans }: RetrievalTrace): ShownSource[] {
  const byPath = Map.groupBy(spans, ({ ref }) => pathOfSourceId(ref.id) ?? ref.id)
  return Array.from(byPath, ([path, shown]) => {
    const hash = shown[0]?.ref.hash ?? ''
    const read = reader.read(path)
    return {
      path,
      hash,
      now: read.status !== 'read' ? 'gone' : bytesHash(read.bytes) === hash ? 'unchanged' : 'changed',
      lines: shown.map(({ start, end, token_estimate, truncated }) => ({
        start,
        end,
        tokens: token_estimate,
        cut: truncated,
      })),
    }
  })
}

function findingsOf({ violations }: CallExplanation, { hits = [], spans }: RetrievalTrace): GuardFinding[] {
  const places = new Map(
    spans.map(({ candidate_id, ref, start, end }) => [
      candidate_id,
      `${pathOfSourceId(ref.id) ?? ref.id}:${start}-${end}`,
    ]),
  )
  return [
    ...hits.map(({ candidate_id, pattern_id, view_id, waiver_id }): GuardFinding => ({
      kind: waiver_id === undefined ? 'left out' : 'waived',
      what: `${pattern_id}, seen in view ${view_id}`,
      where: places.get(candidate_id) ?? `candidate ${candidate_id.slice(0, 12)}`,
    })),
    ...violations.map(({ payload }): GuardFinding => ({
      kind: 'violation',
      what: `${payload.violation_type.replaceAll('_', ' ')} (${payload.error_code})`,
      where: `${payload.guard}: ${payload.action_taken}`,
    })),
  ]
}
