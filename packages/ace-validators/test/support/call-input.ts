import {
  type ContextBlock,
  type ContextSnapshot,
  envelopeHashes,
  type PromptEnvelope,
} from '@ctxlock/contracts/context'
import type { CallInput, GuardPolicy, GuardPorts, JobBaseline, PlanInput, TraceInput } from '@ctxlock/contracts/guards'
import type { Redactor } from '@ctxlock/contracts/ports'
import {
  candidateId,
  DEFAULT_RETRIEVAL_BUDGETS,
  idsHash,
  type QueryPlan,
  queryPlanHash,
  type RetrievalCandidate,
  type RetrievalTrace,
  retrievalTraceHash,
} from '@ctxlock/contracts/retrieval'
import { canonicalReferenceId } from '@ctxlock/contracts/references'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { bytesHash, canonicalHash, canonicalize, textHash } from '@ctxlock/core-hash'

import { normalizedQuery } from '../../src/guards/query-normalization.ts'
import { createRedactor } from '../../src/redactor.ts'
import { handleOf, Workspace } from './workspace.ts'

export const NOW = '2026-11-20T12:00:00.000Z'
export const HASH = 'a'.repeat(64)
export const MAGIC = '4354585654303031'
const uuid = (digit: string): string =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`

export interface CallOptions {
  readonly mode?: 'strict' | 'replay'
  readonly tier?: 'local' | 'cloud'
  /** Texts of the snippets, by path; each is the whole file. */
  readonly files?: Readonly<Record<string, string>>
  /** Further blocks of the suffix. */
  readonly blocks?: readonly ContextBlock[]
  readonly policy?: Partial<GuardPolicy>
  readonly plan?: Partial<QueryPlan>
  readonly trace?: (trace: RetrievalTrace) => RetrievalTrace
  readonly ports?: Partial<GuardPorts>
  readonly workspace?: Workspace
}

/** A call that every guard passes, made the way a runtime makes one; options bend it. */
export function callInput(options: CallOptions = {}): CallInput {
  const { mode = 'replay', tier = 'local', files = { 'src/a.ts': 'const a = 1\nconst b = 2' } } = options
  const workspace = options.workspace ?? new Workspace()
  for (const [path, text] of Object.entries(files)) workspace.files.set(path, text)

  const plan = queryPlan(mode, options.plan)
  const found = Object.entries(files).map(([path, text], index) => evidence(workspace, path, text, index))
  const trace = (options.trace ?? ((same) => same))(
    retrievalTrace(
      plan,
      found.map(({ candidate }) => candidate),
      found.map(({ span }) => span),
    ),
  )
  const envelope = promptEnvelope(
    [block('rules', '10-rules', 'You MUST cite.')],
    [...found.map((one) => one.block), ...(options.blocks ?? [])],
  )
  const list = Buffer.from(
    canonicalize({
      schema_version: 'ctxlock.candidate_list@1',
      query_plan_hash: queryPlanHash(plan),
      candidates: trace.candidates,
      reranked_ids: trace.candidates.map(({ candidate_id }) => candidate_id),
    }),
  )
  const baseline: JobBaseline = {
    policy_profile_id: 'default',
    policy_hash: HASH,
    model_tier: tier,
    layer_scope: { read: ['derived', 'raw'], write: ['derived'] },
  }
  return {
    now: NOW,
    job: {
      job_id: 'job-1',
      parent_job_id: null,
      determinism_mode: mode,
      baseline,
      baseline_hash: canonicalHash(baseline),
      current: baseline,
    },
    policy: { ...POLICY, ...options.policy },
    plan,
    trace,
    candidate_list: mode === 'replay' ? list : null,
    snippets: found.map((one) => one.snippet),
    scope_inputs: { entity_refs: [] },
    snapshot: snapshotOf({ mode, tier, plan, trace, envelope, list, baseline }),
    envelope,
    rendered: envelope.variable_suffix.blocks.map(({ content }) => content),
    cache_stages: [],
    tool_deltas: [],
    packs: [],
    projection_refs: [],
    compactions: [],
    promotions: [],
    ports: { ...portsFor(workspace), ...options.ports },
  }
}

export function planInput(options: CallOptions = {}): PlanInput {
  const { now, job, policy, plan, ports } = callInput(options)
  if (plan === null) throw new Error('The call has a plan.')
  return { now, job, policy, plan, ports }
}

export function traceInput(options: CallOptions = {}): TraceInput {
  const { trace, candidate_list, snippets } = callInput(options)
  if (trace === null) throw new Error('The call has a trace.')
  return { ...planInput(options), trace, candidate_list, snippets }
}

export const POLICY: GuardPolicy = {
  automation_level: 'HYBRID',
  on_drift: 'degrade',
  budgets: DEFAULT_RETRIEVAL_BUDGETS,
  injection_patterns: [],
  injection_packs: [],
  quarantine_view: true,
  deterministic_rerankers: [],
  cacheable_stages: [],
  payload_magic: MAGIC,
}

const redactor: Redactor = createRedactor()

export function portsFor(workspace: Workspace): GuardPorts {
  return {
    resolver: workspace,
    sources: workspace,
    freshness: () => ({ verdict: 'pass', violations: [] }),
    tokenCounter: codePointsPerFour,
    redactor,
    vault: { header: () => Buffer.from(`${MAGIC}00112233`, 'hex') },
    rules: { has: (anchor) => anchor === 'LAW:ONE' },
  }
}

export function block(
  kind: ContextBlock['kind'],
  order_key: string,
  content: string,
  more: Partial<ContextBlock> = {},
): ContextBlock {
  return { kind, order_key, content, source_refs: [], sensitivity: 'low', projection: 'full', ...more }
}

export function promptEnvelope(prefix: readonly ContextBlock[], suffix: readonly ContextBlock[]): PromptEnvelope {
  const side = (blocks: readonly ContextBlock[]) => ({
    blocks: [...blocks],
    token_budget: 1000,
    token_estimate: 10,
    build_id: 'b',
  })
  return {
    schema_version: 'hsk.prompt_envelope@1',
    stable_prefix: side(prefix),
    variable_suffix: side(suffix),
    ...envelopeHashes(prefix, suffix),
    delimiter_nonce: '0123456789abcdef',
  }
}

function queryPlan(mode: 'strict' | 'replay', more: Partial<QueryPlan> = {}): QueryPlan {
  return {
    schema_version: 'hsk.query_plan@1',
    plan_id: uuid('1'),
    created_at: NOW,
    query_text: 'Where is  A defined?',
    query_kind: 'fact_lookup',
    route: [{ store: 'shadow_ws_lexical', purpose: 'words', max_candidates: 60, required: false }],
    budgets: DEFAULT_RETRIEVAL_BUDGETS,
    filters: { allow_external_fetch: false, trust_min: 'low' },
    determinism_mode: mode,
    policy_id: 'default',
    version: 1,
    ...more,
  }
}

function evidence(workspace: Workspace, path: string, text: string, index: number) {
  const selector = `lines:1-${text.split('\n').length}`
  const ref = workspace.ref(path, selector)
  const reference = { kind: 'source_ref' as const, ref }
  const candidate: RetrievalCandidate = {
    ...reference,
    candidate_id: candidateId('shadow_ws_lexical', reference),
    store: 'shadow_ws_lexical',
    scores: { lexical: 0.5 },
    base_score: 0.5,
    tiebreak: canonicalReferenceId(reference),
    trust_class: 'medium',
    fetch_depth: 'snippet',
  }
  const { candidate_id } = candidate
  const order_key = `50-${String(index).padStart(3, '0')}`
  const span_id = `s${index}`
  return {
    candidate,
    span: {
      span_id,
      candidate_id,
      ref,
      selector,
      start: 1,
      end: text.split('\n').length,
      token_estimate: 1,
      content_hash: textHash(text),
      truncated: false,
      fetch_depth: 'snippet' as const,
    },
    block: block('retrieved_snippet', order_key, text, { source_refs: [ref] }),
    snippet: { span_id, candidate_id, order_key, bytes: Buffer.from(text) },
  }
}

function retrievalTrace(
  plan: QueryPlan,
  candidates: RetrievalCandidate[],
  spans: RetrievalTrace['spans'],
): RetrievalTrace {
  const ids = idsHash(candidates.map(({ candidate_id }) => candidate_id))
  return {
    schema_version: 'hsk.retrieval_trace@1',
    trace_id: uuid('2'),
    query_plan_id: plan.plan_id,
    created_at: NOW,
    normalized_query_hash: textHash(normalizedQuery(plan.query_text)),
    route_taken: [{ store: 'shadow_ws_lexical', reason: 'first', tool_calls: 1 }],
    candidates,
    rerank: { used: false, method: 'none', inputs_hash: ids, outputs_hash: ids },
    diversity: { used: false, method: 'none' },
    selected: spans.map(({ candidate_id, ref }, index) => ({
      candidate_id,
      ref,
      final_rank: index + 1,
      final_score: 0.5,
      why: 'words',
    })),
    spans,
    budgets_applied: plan.budgets,
    filters_applied: plan.filters,
    context_pack_freshness: [],
    drift: [],
    truncation_flags: [],
    warnings: [],
    errors: [],
  }
}

function snapshotOf(call: {
  mode: 'strict' | 'replay'
  tier: 'local' | 'cloud'
  plan: QueryPlan
  trace: RetrievalTrace
  envelope: PromptEnvelope
  list: Uint8Array
  baseline: JobBaseline
}): ContextSnapshot {
  const { plan, trace, envelope } = call
  const ids = trace.candidates.map(({ candidate_id }) => candidate_id)
  const selected = trace.selected.map(({ candidate_id }) => candidate_id)
  const { stable_prefix_hash, variable_suffix_hash, full_prompt_hash } = envelope
  return {
    schema_version: 'hsk.context_snapshot@1',
    context_snapshot_id: uuid('3'),
    job_id: 'job-1',
    step_id: 'step-1',
    created_at: NOW,
    determinism_mode: call.mode,
    model_tier: call.tier,
    model_id: 'model',
    policy_profile_id: 'default',
    layer_scope: call.baseline.layer_scope,
    scope_inputs_hash: canonicalHash({ entity_refs: [] }),
    retrieval_candidates: { ids_hash: idsHash(ids), count: ids.length },
    selected_sources: { ids_hash: idsHash(selected), count: selected.length },
    prompt_envelope_hashes: { stable_prefix_hash, variable_suffix_hash, full_prompt_hash },
    delimiter_nonce: envelope.delimiter_nonce,
    artifact_handles: [],
    ...(call.mode === 'strict' && { seed: 0 }),
    warnings: [],
    query_plan: { plan_id: plan.plan_id, hash: queryPlanHash(plan) },
    retrieval_trace: { trace_id: trace.trace_id, hash: retrievalTraceHash(trace) },
    ...(call.mode === 'replay' && {
      candidate_list_ref: handleOf('candidates', bytesHash(call.list), call.list.byteLength),
    }),
    context_pack_binding_id: uuid('4'),
    role_pack_hash: HASH,
    work_unit_pack_hash: HASH,
    token_counter_id: codePointsPerFour.id,
    context_pack_freshness: {
      examined: 0,
      fresh: 0,
      regenerated: 0,
      fallback: 0,
      degraded: 0,
      failed: 0,
      records_hash: canonicalHash([]),
      context_pack_stale_detected: false,
      context_pack_regen_allowed: true,
      context_pack_regen_required: false,
      context_pack_stale_handling: 'fallback',
      context_pack_regen_attempted: false,
      context_pack_regen_performed: false,
    },
    degraded: false,
  }
}
