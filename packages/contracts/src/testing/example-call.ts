import { canonicalHash, canonicalize } from '@ctxlock/core-hash'

import type { ContextBlock } from '../context.ts'
import type { CallInput, GuardPolicy, GuardPorts, JobBaseline } from '../guards.ts'
import type { Redactor } from '../ports.ts'
import { DEFAULT_RETRIEVAL_BUDGETS, type QueryPlan, queryPlanHash, type RetrievalTrace } from '../retrieval.ts'
import { codePointsPerFour } from '../token-counter.ts'
import { EXAMPLE_HASH, EXAMPLE_TIME } from './example-constants.ts'
import { exampleBlock, promptEnvelope, snapshotOf } from './example-envelope.ts'
import { evidence, queryPlan, retrievalTrace } from './example-retrieval.ts'
import { ExampleWorkspace } from './example-workspace.ts'

/** How an encrypted object of the example's vault begins, in hex. */
export const EXAMPLE_MAGIC = '4354585654303031'

export interface ExampleCallOptions {
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
  readonly workspace?: ExampleWorkspace
}

/**
 * A call with retrieval that the twelve guards pass, made the way a runtime makes one; options bend it. For tests of guards.
 * Its redactor finds nothing, and the query is taken as normalised.
 */
export function exampleCall(options: ExampleCallOptions = {}): CallInput {
  const { mode = 'replay', tier = 'local', files = { 'src/a.ts': 'const a = 1\nconst b = 2' } } = options
  const workspace = options.workspace ?? new ExampleWorkspace()
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
    [exampleBlock('rules', '10-rules', 'You MUST cite.')],
    [...found.map((one) => one.block), ...(options.blocks ?? [])],
  )
  const list = new TextEncoder().encode(
    canonicalize({
      schema_version: 'ctxlock.candidate_list@1',
      query_plan_hash: queryPlanHash(plan),
      candidates: trace.candidates,
      reranked_ids: trace.candidates.map(({ candidate_id }) => candidate_id),
    }),
  )
  const baseline: JobBaseline = {
    policy_profile_id: 'default',
    policy_hash: EXAMPLE_HASH,
    model_tier: tier,
    layer_scope: { read: ['derived', 'raw'], write: ['derived'] },
  }
  return {
    now: EXAMPLE_TIME,
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

const POLICY: GuardPolicy = {
  policy_profile_id: 'default',
  automation_level: 'HYBRID',
  on_candidate_hit: 'poison',
  allow_waivers: false,
  waivers: [],
  on_drift: 'degrade',
  budgets: DEFAULT_RETRIEVAL_BUDGETS,
  injection_patterns: [],
  injection_packs: [],
  quarantine_view: true,
  deterministic_rerankers: [],
  cacheable_stages: [],
  payload_magic: EXAMPLE_MAGIC,
}

const redactsNothing: Redactor = { version: 'none', detect: () => [], redact: (text) => ({ text, findings: [] }) }

function portsFor(workspace: ExampleWorkspace): GuardPorts {
  return {
    resolver: workspace,
    sources: workspace,
    freshness: () => ({ verdict: 'pass', violations: [] }),
    tokenCounter: codePointsPerFour,
    redactor: redactsNothing,
    vault: { header: () => new TextEncoder().encode('CTXVT001 and ciphertext') },
    rules: { has: (anchor) => anchor === 'LAW:ONE' },
  }
}
