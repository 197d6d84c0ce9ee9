import { bytesHash, canonicalize } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { clock, memoryReader, memoryStore, testRedactor, tokenCounter } from '../../test/support.ts'
import { buildContextPack } from './context-pack.ts'
import { readContextPack, usableFacts } from './context-pack-reader.ts'

const SOURCE = '// You MUST add. TODO: more\nexport function add(a: number): number {\n  return a\n}\n'

function fresh() {
  const store = memoryStore()
  const reader = memoryReader({ 'a.ts': SOURCE })
  const result = buildContextPack({ path: 'a.ts', reader, redactor: testRedactor, store, clock, tokenCounter })
  if (result.status !== 'built') throw new Error('not built')
  return result
}

type Payload = ReturnType<typeof fresh>['payload']

/** A record and bytes that belong together, however wrong the payload is. */
function foreign(change: (payload: Payload) => object) {
  const { record, payload } = fresh()
  const bytes = new TextEncoder().encode(canonicalize(change(structuredClone(payload))))
  const payload_hash = bytesHash(bytes)
  return {
    record: { ...record, payload_hash, pack_artifact: { ...record.pack_artifact, content_hash: payload_hash } },
    bytes,
  }
}

function read(change: (payload: Payload) => object) {
  const { record, bytes } = foreign(change)
  return readContextPack(record, bytes)
}

test('what was built is read back without a correction', () => {
  const { record, payload } = fresh()
  const bytes = new TextEncoder().encode(canonicalize(payload))
  expect(readContextPack(record, bytes)).toEqual({ status: 'valid', record, payload, warnings: [] })
})

describe('T-X-CP-05 provenance', () => {
  test.each([
    ['no reference', []],
    [
      'a source the record does not list',
      [{ kind: 'span', id: 'file:b.ts', hash: 'a'.repeat(64), selector: 'lines:1-1' }],
    ],
    ['another hash of the source', [{ kind: 'span', id: 'file:a.ts', hash: 'a'.repeat(64), selector: 'lines:1-1' }]],
    ['no selector', [{ kind: 'span', id: 'file:a.ts' }]],
  ])('%s makes a fact worthless and drops the rest', (_, source_refs) => {
    const result = read((payload) => ({
      ...payload,
      facts: payload.facts.map((fact) => ({ ...fact, source_refs })),
      constraints: payload.constraints.map((item) => ({ ...item, source_refs })),
      open_loops: payload.open_loops.map((item) => ({ ...item, source_refs })),
    }))
    if (result.status !== 'valid') throw new Error(result.reason)
    const { facts, constraints, open_loops } = fresh().payload
    expect(result.payload.facts.map(({ confidence }) => confidence)).toEqual([0])
    expect(usableFacts(result.payload)).toEqual([])
    expect(result.payload).toMatchObject({ constraints: [], open_loops: [] })
    expect(result.warnings).toEqual([
      `context_pack_item_unsourced:fact:${facts[0]?.fact_id}`,
      `context_pack_item_unsourced:constraint:${constraints[0]?.constraint_id}`,
      `context_pack_item_unsourced:open_loop:${open_loops[0]?.loop_id}`,
    ])
  })

  test('one bad reference among good ones is enough', () => {
    const result = read((payload) => ({
      ...payload,
      facts: payload.facts.map((fact) => ({
        ...fact,
        source_refs: [...fact.source_refs, { kind: 'span', id: 'file:b.ts' }],
      })),
    }))
    expect(result).toMatchObject({ status: 'valid', payload: { facts: [{ confidence: 0 }] } })
  })

  test('an anchor into something the record does not cover makes the pack invalid', () => {
    const result = read((payload) => ({
      ...payload,
      anchors: payload.anchors.map((anchor) => ({
        ...anchor,
        source_ref: { ...anchor.source_ref, hash: 'a'.repeat(64) },
      })),
    }))
    expect(result).toEqual({ status: 'invalid', reason: 'record_inconsistent' })
  })
})

describe('T-X-CP-06 payloads that break their schema', () => {
  test.each([
    ['an 801-character synopsis', { synopsis: 'x'.repeat(801) }],
    ['a 201-character hint', { anchors: [{ ...fresh().payload.anchors[0], excerpt_hint: 'x'.repeat(201) }] }],
    ['no anchors', { anchors: [] }],
    ['an unknown field', { extra: 1 }],
    ['control characters', { synopsis: 'a\u0007' }],
    ['an unbounded selector', { coverage: { scanned_selectors: ['all'] } }],
    ['confidence over one', { facts: [{ ...fresh().payload.facts[0], confidence: 1.5 }] }],
  ])('%s', (_, change) => {
    expect(read((payload) => ({ ...payload, ...change }))).toEqual({ status: 'invalid', reason: 'record_inconsistent' })
  })

  test('exactly 800 and 200 code points pass, whatever they cost in bytes', () => {
    const anchors = [{ ...fresh().payload.anchors[0], excerpt_hint: '\u{1F600}'.repeat(200) }]
    expect(read((payload) => ({ ...payload, anchors, synopsis: '\u{1F600}'.repeat(800) }))).toMatchObject({
      status: 'valid',
    })
  })
})

describe('records and bytes that do not belong together', () => {
  const { record, payload } = fresh()
  const bytes = new TextEncoder().encode(canonicalize(payload))

  test('one flipped byte is a hash mismatch', () => {
    const flipped = Uint8Array.from(bytes)
    flipped[10] = (flipped[10] ?? 0) ^ 1
    expect(readContextPack(record, flipped)).toEqual({ status: 'invalid', reason: 'payload_hash_mismatch' })
  })

  test.each([
    ['schema_unsupported', { schema_version: 'hsk.context_pack_record@2' }],
    ['record_inconsistent', { source_hashes: ['a'.repeat(64)] }],
    ['record_inconsistent', { sources: [], source_hashes: [] }],
    [
      'record_inconsistent',
      {
        sources: [...record.sources, ...record.sources],
        source_hashes: [...record.source_hashes, ...record.source_hashes],
      },
    ],
    ['record_inconsistent', { pack_artifact: { ...record.pack_artifact, content_hash: 'a'.repeat(64) } }],
    ['record_inconsistent', { target: { ref_type: 'source_ref', ref: { kind: 'span', id: 'file:b.ts' } } }],
    [
      'record_inconsistent',
      { target: { ref_type: 'entity_ref', ref: { artefact_type: 'file', artefact_id: 'a.ts' } } },
    ],
    ['record_inconsistent', { unknown: true }],
  ])('%s', (reason, change) => {
    expect(readContextPack({ ...record, ...change }, bytes)).toEqual({ status: 'invalid', reason })
  })

  test('a record that is nothing of the kind', () => {
    for (const value of [null, undefined, 7, 'x', [], {}]) {
      expect(readContextPack(value, bytes)).toEqual({ status: 'invalid', reason: 'schema_unsupported' })
    }
  })

  test('bytes that are not canonical JSON', () => {
    const spaced = new TextEncoder().encode(JSON.stringify(payload, null, 1))
    const payload_hash = bytesHash(spaced)
    const own = { ...record, payload_hash, pack_artifact: { ...record.pack_artifact, content_hash: payload_hash } }
    expect(readContextPack(own, spaced)).toEqual({ status: 'invalid', reason: 'schema_unsupported' })
  })
})
