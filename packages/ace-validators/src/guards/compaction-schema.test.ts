import type { CompactionItem } from '@ctxlock/contracts/compaction'
import type { CallInput } from '@ctxlock/contracts/guards'
import type { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import type { ArtifactHandle, SourceRef } from '@ctxlock/contracts/references'
import { bytesHash, canonicalHash } from '@ctxlock/core-hash'
import { describe, expect, it } from 'vitest'

import { callInput, NOW } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { handleOf, Workspace } from '../../test/support/workspace.ts'
import { compactionSchemaGuard as guard, packErrors } from './compaction-schema.ts'

const workspace = new Workspace()
workspace.files.set('log.md', 'We decided to use SQLite.\nBecause it is one file.')
const ref = workspace.ref('log.md')
const decision: CompactionItem = {
  type: 'decision',
  claim: 'Use SQLite',
  rationale: 'One file',
  evidence_refs: [ref],
  source_refs: [ref],
}
const constraint: CompactionItem = {
  type: 'constraint',
  must: ['cite'],
  must_not: [],
  scope_refs: [],
  anchor_refs: ['LAW:ONE'],
  source_refs: [ref],
}

function judged(items: unknown[], artifact: ArtifactHandle | null = null): string[] {
  const input: CallInput = { ...callInput({ workspace }), compactions: [{ artifact, items }] }
  return problems(ask(guard, input))
}

describe('T-ACE-MIN-04: compaction is reversible', () => {
  it('passes items whose evidence resolves by hash', () => {
    expect(judged([decision, constraint])).toEqual([])
    expect(workspace.describe({ kind: 'source_ref', ref })?.content_hash).toBe(ref.hash)
  })

  const bent = (change: Partial<SourceRef>): SourceRef[] => [{ ...ref, ...change }]
  const { selector: _selector, ...unbounded } = ref
  const { hash: _hash, ...unpinned } = ref
  it.each<[string, object, string]>([
    ['a decision without evidence', { ...decision, evidence_refs: [] }, 'schema'],
    ['an item without sources', { ...decision, source_refs: [] }, 'schema'],
    ['a constraint without anchor', { ...constraint, anchor_refs: [] }, 'schema'],
    ['an empty anchor', { ...constraint, anchor_refs: [''] }, 'schema'],
    [
      'an anchor that only looks like one',
      { ...constraint, anchor_refs: ['RID:NOT-REGISTERED'] },
      'anchor_not_registered',
    ],
    ['an anchor in another spelling', { ...constraint, anchor_refs: ['LAW:one'] }, 'schema'],
    ['an unknown field', { ...decision, note: 'x' }, 'schema'],
    ['an unknown type', { ...decision, type: 'remark' }, 'schema'],
    ['evidence without selector', { ...decision, evidence_refs: [unbounded] }, 'evidence_not_bounded'],
    ['evidence for the whole file', { ...decision, evidence_refs: bent({ selector: '*' }) }, 'schema'],
    ['evidence without hash', { ...decision, evidence_refs: [unpinned] }, 'evidence_not_bounded'],
    ['evidence that is gone', { ...decision, evidence_refs: bent({ id: 'file:gone.md' }) }, 'evidence_unresolved'],
    ['evidence that changed', { ...decision, evidence_refs: bent({ hash: 'b'.repeat(64) }) }, 'evidence_changed'],
  ])('refuses %s', (_, item, reason) => {
    expect(judged([item])).toEqual([`CompactionSchemaViolation ${reason}`])
  })

  it('refuses evidence that is the compaction itself', () => {
    const artifact = handleOf('compaction', bytesHash(Buffer.from('x')), 1)
    const self: SourceRef = {
      kind: 'artifact',
      id: artifact.artifact_id,
      hash: artifact.content_hash,
      selector: 'lines:1-1',
    }
    expect(judged([{ ...decision, evidence_refs: [self] }], artifact)).toEqual([
      'CompactionSchemaViolation evidence_is_itself',
    ])
    expect(judged([{ ...decision, evidence_refs: [{ ...ref, hash: artifact.content_hash }] }], artifact)).toEqual([
      'CompactionSchemaViolation evidence_is_itself',
    ])
  })

  it('judges each item and names it by its place', () => {
    const input: CallInput = {
      ...callInput({ workspace }),
      compactions: [{ artifact: null, items: [decision, {}, null, 'text'] }],
    }
    expect(ask(guard, input).errors.map(({ details }) => details['item'])).toEqual([1, 2, 3])
  })
})

describe('pack payloads', () => {
  const payload: ContextPackPayload = {
    schema_version: 'hsk.context_pack_payload@1',
    synopsis: 'A log.',
    facts: [{ fact_id: 'f-000000000001', text: 'SQLite is used', source_refs: [ref], confidence: 0.5 }],
    constraints: [{ constraint_id: 'c-000000000001', text: 'Cite', source_refs: [ref], severity: 'soft' }],
    open_loops: [{ loop_id: 'l-000000000001', question: 'Why?', source_refs: [ref] }],
    anchors: [{ anchor_id: 'a-000000000001', source_ref: ref, excerpt_hint: 'We decided' }],
    coverage: { scanned_selectors: ['lines:1-2'] },
    redactions: [],
  }
  const recordOf = (of: unknown): ContextPackRecord => ({
    schema_version: 'hsk.context_pack_record@1',
    pack_id: '11111111-1111-4111-8111-111111111111',
    target: { ref_type: 'source_ref', ref },
    pack_artifact: handleOf('pack', canonicalHash(of), 10),
    source_hashes: [ref.hash ?? ''],
    sources: [{ source_id: ref.id, source_hash: ref.hash ?? '' }],
    payload_hash: canonicalHash(of),
    created_at: NOW,
    builder: { tool_id: 'b', tool_version: '1', config_hash: 'c'.repeat(64) },
    version: 1,
  })
  const judgePack = (of: unknown, record: unknown = recordOf(of)): string[] =>
    problems({ errors: packErrors({ record, payload: of }) })

  it('pass without LAW or RID anchors', () => {
    expect(judgePack(payload)).toEqual([])
    expect(
      problems(ask(guard, { ...callInput({ workspace }), packs: [{ record: recordOf(payload), payload }] })),
    ).toEqual([])
  })

  const fact = payload.facts[0]
  it.each<[string, object, string]>([
    ['a fact with confidence and no source', { facts: [{ ...fact, source_refs: [] }] }, 'item_unsourced'],
    [
      'a constraint without source',
      { constraints: [{ ...payload.constraints[0], source_refs: [] }] },
      'item_unsourced',
    ],
    ['an open loop without source', { open_loops: [{ ...payload.open_loops[0], source_refs: [] }] }, 'item_unsourced'],
    [
      'a source of another hash',
      { facts: [{ ...fact, source_refs: [{ ...ref, hash: 'b'.repeat(64) }] }] },
      'source_not_in_record',
    ],
    [
      'a source the record does not list',
      { facts: [{ ...fact, source_refs: [{ ...ref, id: 'file:x' }] }] },
      'source_not_in_record',
    ],
    ['no anchor', { anchors: [] }, 'payload_schema'],
    ['an unknown field', { extra: 1 }, 'payload_schema'],
  ])('refuse %s', (_, change, reason) => {
    expect(judgePack({ ...payload, ...change })).toEqual([`CompactionSchemaViolation ${reason}`])
  })

  it('keep an unsourced fact at confidence 0', () => {
    expect(judgePack({ ...payload, facts: [{ ...fact, source_refs: [], confidence: 0 }] })).toEqual([])
  })

  it('refuse a payload that is not the recorded one', () => {
    expect(judgePack(payload, { ...recordOf(payload), payload_hash: 'd'.repeat(64) })).toEqual([
      'CompactionSchemaViolation payload_hash',
    ])
    expect(judgePack(payload, {})).toEqual(['CompactionSchemaViolation record_schema'])
  })
})
