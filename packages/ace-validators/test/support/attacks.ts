// Calls that are wrong in one way each, for the abuse cases of spec 05.
import type { MemoryItem } from '@ctxlock/contracts/compaction'
import type { CallInput, Promotion, ToolDeltaUse } from '@ctxlock/contracts/guards'
import type { ArtifactHandle, SourceRef } from '@ctxlock/contracts/references'
import { CandidateList, DEFAULT_RETRIEVAL_BUDGETS } from '@ctxlock/contracts/retrieval'
import { bytesHash, canonicalHash, canonicalize, parseCanonical } from '@ctxlock/core-hash'

import type { PipelineResult } from '../../src/index.ts'
import { block, callInput, HASH, planInput, type CallOptions } from './call-input.ts'
import { pipeline } from './run.ts'
import { handleOf, Workspace } from './workspace.ts'

export const call = (input: CallInput): Promise<PipelineResult> => pipeline().call(input)
export const files = { 'src/a.ts': 'one', 'src/b.ts': 'two' }

export function withCandidates(change: (list: CandidateList) => CandidateList): CallInput {
  const input = callInput({ files })
  const list = change(CandidateList.parse(parseCanonical(input.candidate_list ?? new Uint8Array())))
  const bytes = Buffer.from(canonicalize(list))
  const candidate_list_ref = handleOf('candidates', bytesHash(bytes), bytes.byteLength)
  return { ...input, candidate_list: bytes, snapshot: { ...input.snapshot, candidate_list_ref } }
}

export function toolOutput(
  kind: 'tool_delta' | 'open_loops',
  texts: readonly string[],
  bend?: Partial<ArtifactHandle>,
) {
  const workspace = new Workspace()
  const handle = { ...workspace.put('log', 'the whole log'), ...bend }
  const source_refs: SourceRef[] = kind === 'tool_delta' ? [] : [{ kind: 'job_step', id: 'call-1' }]
  const blocks = texts.map((text, index) => block(kind, `6${index}`, text, { source_refs }))
  const delta: ToolDeltaUse['delta'] = {
    tool_id: 'test',
    tool_call_id: 'call-1',
    status: 'ok',
    summary: 'done',
    changed_entity_refs: [],
    artifact_handles: [handle],
  }
  const order_keys = kind === 'tool_delta' ? blocks.map(({ order_key }) => order_key) : []
  return call({ ...callInput({ blocks, workspace }), tool_deltas: [{ delta, order_keys }] })
}

export function compacted(change: object) {
  const workspace = new Workspace()
  workspace.files.set('log.md', 'We use SQLite.')
  const ref = workspace.ref('log.md')
  const artifact = handleOf('compaction', bytesHash(Buffer.from('x')), 1)
  const item = { type: 'constraint', must: ['cite'], must_not: [], scope_refs: [], source_refs: [ref], ...change }
  return call({ ...callInput({ workspace }), compactions: [{ artifact, items: [item] }] })
}

export const ITEM: MemoryItem = {
  memory_id: '11111111-1111-4111-8111-111111111111',
  memory_class: 'semantic',
  type: 'fact',
  content: 'The store is SQLite.',
  confidence: 0.9,
  trust_level: 'derived_unverified',
  provenance: {
    source_refs: [{ kind: 'span', id: 'file:a.md', hash: HASH, selector: 'lines:1-2' }],
    created_by_job_id: 'job-1',
  },
  classification: 'low',
  status: 'active',
  version: 1,
  scope_refs: [],
}

export function promoted(item: MemoryItem, of: MemoryItem, changedAt = '2026-11-20T10:00:00.000Z'): Promotion {
  const completed_at = '2026-11-20T11:00:00.000Z'
  const validation = {
    job_id: 'job-1',
    item_hash: canonicalHash(of),
    result: 'Pass',
    validator: 'v',
    completed_at,
  } as const
  return { item, item_changed_at: changedAt, validation, review: null }
}

export const promoting = (...promotions: Promotion[]) => call({ ...callInput(), promotions })

export function leaking(handles: (store: Workspace) => readonly ArtifactHandle[], options: CallOptions = {}) {
  const workspace = new Workspace()
  const artifact_handles = [...handles(workspace)]
  const input = callInput({ tier: 'cloud', workspace, ...options })
  return call({ ...input, snapshot: { ...input.snapshot, artifact_handles } })
}

export function nested(store: Workspace, depth: number): ArtifactHandle {
  const high = store.put('deep', 'x', { classification: 'high' })
  return Array.from({ length: depth }, (_, level) => level).reduce(
    (inner, level) => store.bundle(`b${level}`, [inner]),
    high,
  )
}

export function selfContained(store: Workspace): ArtifactHandle {
  const ref = handleOf('a', HASH, 1, { kind: 'bundle' })
  const members = [
    { path: 'a', content_hash: HASH, size_bytes: 1, reference: { kind: 'artifact_handle' as const, ref } },
  ]
  const facts = { kind: 'bundle' as const, size_bytes: 1, classification: 'low', exportable: true, content_hash: HASH }
  store.artifacts.set(ref.artifact_id, { ...facts, content: Buffer.from('x'), members })
  return ref
}

export function changedMembers(store: Workspace): ArtifactHandle {
  const bundle = store.bundle('b', [store.put('a', '1')])
  const facts = store.artifacts.get(bundle.artifact_id)
  if (facts === undefined) throw new Error('The bundle is stored.')
  const added = store.bundle('other', [store.put('c', '3')])
  store.artifacts.set(bundle.artifact_id, {
    ...facts,
    members: [...(store.artifacts.get(added.artifact_id)?.members ?? [])],
  })
  return bundle
}

export function inPrefix() {
  const workspace = new Workspace()
  workspace.files.set('private.md', 'x')
  const ref: SourceRef = { ...workspace.ref('private.md'), classification: 'high' }
  const input = callInput({ tier: 'cloud', workspace })
  const { stable_prefix } = input.envelope
  const blocks = stable_prefix.blocks.map((one) => ({ ...one, source_refs: [ref] }))
  return call({ ...input, envelope: { ...input.envelope, stable_prefix: { ...stable_prefix, blocks } } })
}

export const boundary = (change: Partial<CallInput['job']['current']>, tier: 'local' | 'cloud' = 'local') => {
  const input = callInput({ tier })
  return call({ ...input, job: { ...input.job, current: { ...input.job.current, ...change } } })
}

export const payload = (uri: string, header = '4354585654303031') => {
  const input = callInput({ ports: { vault: { header: () => Buffer.from(header, 'hex') } } })
  const more = { kind: 'prompt_payload' as const, uri, exportable: false, retention_ttl_days: 7 }
  return call({
    ...input,
    snapshot: { ...input.snapshot, local_only_payload_ref: handleOf('payload', HASH, 64, more) },
  })
}

/** The budgets of a plan are replaced afterwards: what has no canonical form has no hash either. */
export const budget = (max_total_evidence_tokens: number) => {
  const input = planInput()
  const budgets = { ...DEFAULT_RETRIEVAL_BUDGETS, max_total_evidence_tokens }
  return pipeline().plan({ ...input, plan: { ...input.plan, budgets } })
}

export function drifted(options: CallOptions = {}) {
  const workspace = new Workspace()
  const input = callInput({ files, workspace, ...options })
  workspace.files.set('src/a.ts', 'one!')
  return call(input)
}
