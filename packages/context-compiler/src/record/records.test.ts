import { ContextPlan, ContextSnapshot, contextSnapshotHash, type PolicyDecision } from '@ctxlock/contracts/context'
import { FlightEvent } from '@ctxlock/contracts/events'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { idsHash, queryPlanHash, retrievalTraceHash } from '@ctxlock/contracts/retrieval'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { canonicalHash, textHash, uuidFromHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { block } from '../../test/support/blocks.ts'
import { callOver, linesOfTokens } from '../../test/support/call.ts'
import { countingStamps } from '../../test/support/ports.ts'
import { compileEnvelope } from '../envelope/compile-envelope.ts'
import { snippetBlocks } from '../envelope/snippet-blocks.ts'
import { retrieve } from '../retrieval/retrieve.ts'
import { callReport } from './call-report.ts'
import { buildContextPlan } from './context-plan.ts'
import { buildSnapshot, type SnapshotInput } from './context-snapshot.ts'

const budgets = { total: 4000, prefix: 1000, suffix: 3000 }
const policy: PolicyDecision = {
  policy_profile_id: 'default',
  precedence_source: 'workspace_default',
  model_tier: 'local',
  projection: 'full',
  decision_id: '00000000-0000-4000-8000-00000000dec1',
}
const freshness = {
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
  context_pack_stale_handling: 'fallback' as const,
  context_pack_regen_attempted: false,
  context_pack_regen_performed: false,
}

function handle(name: string): ArtifactHandle {
  const content_hash = textHash(name)
  const artifact_id = uuidFromHash(content_hash)
  return {
    artifact_id,
    kind: 'file',
    uri: `/objects/${name}`,
    content_hash,
    size_bytes: 1,
    classification: 'low',
    exportable: false,
  }
}

async function compiled(mode: 'strict' | 'replay' = 'strict') {
  const files = { 'big.md': linesOfTokens(200, 10, 'checksum'), 'small.md': 'one checksum secret-4711\n' }
  const input = callOver(files).input({ plan: { determinismMode: mode } })
  if (!input.plan) throw new Error('a plan was made')
  const retrieval = await retrieve(input)
  const snippets = snippetBlocks(retrieval.snippets, { orderPrefix: '50', sensitivity: 'low', projection: 'full' })
  const envelope = compileEnvelope({
    prefix: [block('rules', '10', 'Be exact.')],
    suffix: [...snippets, block('user_input', '90', 'Why secret-0815?')],
    budgets,
    counter: codePointsPerFour,
  })
  const contextPlan = buildContextPlan({
    scopeInputs: input.scope.inputs,
    plan: input.plan,
    retrieval,
    budgets,
    policy,
  })
  const snapshotInput: SnapshotInput = {
    job: { job_id: 'job-1', step_id: 'step-1' },
    determinismMode: mode,
    policy,
    modelId: 'model-1',
    layerScope: { read: ['raw', 'derived', 'raw'], write: ['derived'] },
    scopeInputs: input.scope.inputs,
    retrieval: { ...retrieval, plan: input.plan },
    envelope,
    binding: {
      binding_id: '00000000-0000-4000-8000-00000000b1d1',
      role_pack_hash: textHash('role'),
      work_unit_pack_hash: textHash('unit'),
    },
    artifactHandles: [handle('role'), handle('unit')],
    seed: 0,
    tokenCounterId: codePointsPerFour.id,
    freshness,
    candidateListRef: handle('list'),
  }
  return { input, plan: input.plan, retrieval, envelope, contextPlan, snapshotInput }
}

describe('buildSnapshot', () => {
  test('answers what the model saw by hashes and references (ACE-006)', async () => {
    const { snapshotInput, retrieval, plan, envelope } = await compiled()
    const snapshot = buildSnapshot(snapshotInput, countingStamps())
    expect(ContextSnapshot.parse(snapshot)).toEqual(snapshot)
    expect(snapshot).toMatchObject({
      seed: 0,
      layer_scope: { read: ['derived', 'raw'], write: ['derived'] },
      retrieval_candidates: {
        count: retrieval.candidates.length,
        ids_hash: idsHash(retrieval.candidates.map((one) => one.candidate_id)),
      },
      selected_sources: { count: retrieval.snippets.length },
      query_plan: { plan_id: plan.plan_id, hash: queryPlanHash(plan) },
      retrieval_trace: { trace_id: retrieval.trace.trace_id, hash: retrievalTraceHash(retrieval.trace) },
      prompt_envelope_hashes: { full_prompt_hash: envelope.full_prompt_hash },
      delimiter_nonce: envelope.delimiter_nonce,
      scope_inputs_hash: canonicalHash(snapshotInput.scopeInputs),
    })
    expect(() => Object.assign(snapshot, { degraded: true })).toThrow(TypeError)
  })

  test('ids and times are outside its hash, a seed is inside', async () => {
    const { snapshotInput } = await compiled()
    const hash = contextSnapshotHash(buildSnapshot(snapshotInput, countingStamps()))
    expect(contextSnapshotHash(buildSnapshot(snapshotInput, countingStamps(700)))).toBe(hash)
    expect(contextSnapshotHash(buildSnapshot({ ...snapshotInput, seed: 7 }, countingStamps()))).not.toBe(hash)
  })

  test.each([undefined, 1.5, Number.NaN, 2 ** 60])(
    'a strict call with seed %s is refused (T-ACE-MIN-01)',
    async (seed) => {
      const { snapshotInput } = await compiled()
      const { seed: _, ...withoutSeed } = snapshotInput
      const input = seed === undefined ? withoutSeed : { ...withoutSeed, seed }
      expect(() => buildSnapshot(input, countingStamps())).toThrow(expect.objectContaining({ code: 'SeedRequired' }))
    },
  )

  test('a replay call needs no seed', async () => {
    const { snapshotInput } = await compiled('replay')
    const { seed: _, ...input } = snapshotInput
    expect(buildSnapshot(input, countingStamps())).not.toHaveProperty('seed')
  })

  test('writing raw content is for granted ingestion jobs only (ACE-005)', async () => {
    const { snapshotInput } = await compiled()
    const raw = { ...snapshotInput, layerScope: { read: [], write: ['raw' as const] } }
    expect(() => buildSnapshot(raw, countingStamps())).toThrow(expect.objectContaining({ code: 'RawWriteRefused' }))
    expect(buildSnapshot({ ...raw, rawWriteGranted: true }, countingStamps()).layer_scope.write).toEqual(['raw'])
  })

  test('a call without retrieval has a snapshot too', async () => {
    const { snapshotInput } = await compiled()
    const { retrieval: _, ...input } = snapshotInput
    const snapshot = buildSnapshot(input, countingStamps())
    expect(ContextSnapshot.parse(snapshot).retrieval_candidates).toEqual({ ids_hash: idsHash([]), count: 0 })
    expect(snapshot).not.toHaveProperty('query_plan')
  })
})

describe('buildContextPlan', () => {
  test('says for every candidate whether and why it was taken', async () => {
    const { contextPlan, retrieval } = await compiled()
    expect(ContextPlan.parse(contextPlan)).toEqual(contextPlan)
    expect(contextPlan.selection.map(({ candidate_id }) => candidate_id).toSorted()).toEqual(
      retrieval.candidates.map(({ candidate_id }) => candidate_id).toSorted(),
    )
    expect(contextPlan.truncation).toEqual(retrieval.trace.truncation_flags)
    expect(contextPlan.budgets).toMatchObject({ ...budgets, max_selected_snippets: 6, max_retrieval_candidates: 60 })
  })
})

describe('callReport (ACE-077, T-ACE-MIN-10)', () => {
  async function reported() {
    const call = await compiled()
    const snapshot = buildSnapshot(call.snapshotInput, countingStamps())
    const { contextPlan, retrieval } = call
    return { ...call, report: callReport({ snapshot, contextPlan, retrieval, cacheStages: retrieval.cacheStages }) }
  }

  test('is the payload of the event once the guard report is added', async () => {
    const { report } = await reported()
    const option = FlightEvent.options.find(({ shape }) => shape.type.value === 'ace_call_report')
    const payload = option?.shape.payload.safeParse({ ...report, guard_report: [] })
    expect(payload?.error).toBeUndefined()
    expect(payload?.success).toBe(true)
  })

  test('tells the per-source cap and the cut spans', async () => {
    const { report } = await reported()
    expect(report.per_source_caps).toEqual([{ source_id: 'file:big.md', selected: 2, dropped: 2 }])
    expect(report.truncation_flags).toHaveLength(2)
    expect(report.cache_markers).toEqual([{ stage: 'retrieval_candidates', hit: false }])
  })

  test('holds no text of a source or a prompt', async () => {
    const { report } = await reported()
    expect(JSON.stringify(report)).not.toMatch(/secret-4711|secret-0815|Be exact/)
  })

  test('long lists are cut and flagged, so that the event stays small', async () => {
    const { contextPlan, retrieval, snapshotInput } = await compiled()
    const truncation_flags = Array.from({ length: 500 }, (_, index) => `no_evidence:file:${index}`)
    const snapshot = buildSnapshot(snapshotInput, countingStamps())
    const trace = { ...retrieval.trace, truncation_flags }
    const report = callReport({ snapshot, contextPlan, retrieval: { ...retrieval, trace }, cacheStages: [] })
    expect(report.truncation_flags).toHaveLength(33)
    expect(report.truncation_flags.at(-1)).toBe('call_report_cut')
  })
})
