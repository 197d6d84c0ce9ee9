import { mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ContextPackPayload } from '@ctxlock/contracts/packs'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { bytesHash, settle } from '@ctxlock/core-hash'

import { createWorkspace, fileTarget, packOf, payloadOf, uuid, type Workspace } from './__fixtures__/workspace.ts'
import { currentHashes } from './current-hashes.ts'
import { examinePack } from './examination.ts'
import { targetId } from './stored-pack.ts'

const FILES = { 'src/a.ts': 'export const a = 1\n', 'src/b.ts': 'export const b = 2\n', 'empty.txt': '' }

function examine(workspace: Workspace, record: unknown) {
  return examinePack({ record }, workspace.reads)
}

describe('T-ACE-RAG-004 examinePack compares content (FG-007, FG-010)', () => {
  it('finds one changed byte, and the pack fresh again when the byte is back', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts', 'src/b.ts'])
    expect(examine(workspace, record)).toMatchObject({ state: 'fresh', pack: { record } })

    workspace.write('src/b.ts', 'export const b = 3\n')
    expect(examine(workspace, record)).toEqual({
      packId: record.pack_id,
      target: '["source_ref","span","file:src/a.ts",null,null]',
      payloadHash: record.payload_hash,
      state: 'stale',
      reason: 'hash_mismatch',
      staleSources: [
        {
          source_id: 'file:src/b.ts',
          recorded_hash: record.source_hashes[1],
          current_hash: bytesHash(Buffer.from('export const b = 3\n')),
        },
      ],
    })

    workspace.write('src/b.ts', FILES['src/b.ts'])
    expect(examine(workspace, record).state).toBe('fresh')
  })

  it('does not care about file times, sizes that stay equal or another builder version (FG-013)', () => {
    using workspace = createWorkspace(FILES)
    const builder = { tool_id: 'another_builder', tool_version: '9.9.9', config_hash: 'f'.repeat(64) }
    const record = workspace.pack(['src/a.ts'], { builder, version: 7 })
    utimesSync(join(workspace.root, 'src/a.ts'), 0, 0)
    expect(examine(workspace, record).state).toBe('fresh')

    workspace.write('src/a.ts', 'export const a = 7\n')
    utimesSync(join(workspace.root, 'src/a.ts'), 0, 0)
    expect(examine(workspace, record).state).toBe('stale')
  })

  it('finds any one flipped byte in any source of any pack; touching alone never counts', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
    const files = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), bytes, { minKeys: 1, maxKeys: 5 })
    using workspace = createWorkspace()
    fc.assert(
      fc.property(files, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (contents, file, at, flip) => {
        const paths = Object.keys(contents)
        for (const path of paths) workspace.write(path, contents[path] ?? new Uint8Array())
        const record = workspace.pack(paths)
        const path = paths[file % paths.length] ?? ''
        const original = contents[path] ?? new Uint8Array()
        const flipped = Uint8Array.from(original)
        const index = at % flipped.length
        flipped[index] = (flipped[index] ?? 0) ^ flip

        workspace.write(path, flipped)
        const found = examine(workspace, record)
        expect(found).toMatchObject({
          state: 'stale',
          reason: 'hash_mismatch',
          staleSources: [{ source_id: `file:${path}` }],
        })

        workspace.write(path, original)
        utimesSync(join(workspace.root, path), 1, 1)
        expect(examine(workspace, record).state).toBe('fresh')
      }),
      { seed: 3007, numRuns: 100 },
    )
  })

  it('hashes raw bytes: a BOM or CRLF is a change, an empty file is a source like any other', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['empty.txt', 'src/a.ts'])
    expect(examine(workspace, record).state).toBe('fresh')
    for (const changed of ['\uFEFFexport const a = 1\n', 'export const a = 1\r\n']) {
      workspace.write('src/a.ts', changed)
      expect(examine(workspace, record)).toMatchObject({ reason: 'hash_mismatch' })
    }
  })
})

describe('T-X-FG-08 reasons (FG-008)', () => {
  it('reports a deleted source', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    workspace.remove('src/a.ts')
    expect(examine(workspace, record)).toMatchObject({
      state: 'stale',
      reason: 'source_missing',
      staleSources: [{ source_id: 'file:src/a.ts', recorded_hash: record.source_hashes[0], current_hash: null }],
    })
  })

  it('reports a source that cannot be read', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    workspace.remove('src/a.ts')
    mkdirSync(join(workspace.root, 'src/a.ts'))
    expect(examine(workspace, record)).toMatchObject({ state: 'stale', reason: 'source_unreadable' })
  })

  it.each(['unreadable', 'too_large', 'outside_workspace', 'not_a_file'] as const)('takes %s as no proof', (status) => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const found = examinePack({ record }, { ...workspace.reads, reader: { read: () => ({ status }) } })
    expect(found).toMatchObject({ state: 'stale', reason: 'source_unreadable' })
  })

  it('names one reason when several apply and lists every changed source', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts', 'src/b.ts', 'empty.txt'])
    workspace.remove('empty.txt')
    workspace.write('src/b.ts', 'changed')
    const found = examine(workspace, record)
    expect(found).toMatchObject({ state: 'stale', reason: 'hash_mismatch' })
    expect('staleSources' in found && found.staleSources.map((source) => source.source_id)).toEqual([
      'file:empty.txt',
      'file:src/b.ts',
    ])
  })

  it('compares the source set of an entity pack', () => {
    using workspace = createWorkspace(FILES)
    const target = { ref_type: 'entity_ref', ref: { artefact_type: 'doc', artefact_id: 'guide' } } as const
    const sources = workspace.pack(['src/a.ts', 'src/b.ts']).sources
    const record = packOf(target, sources, workspace.store)
    const examineSet = (currentSourceSet: readonly string[]) =>
      examinePack({ record, currentSourceSet }, workspace.reads)

    expect(examineSet(['file:src/b.ts', 'file:src/a.ts']).state).toBe('fresh')
    expect(examineSet(['file:src/a.ts', 'file:src/b.ts', 'file:empty.txt'])).toMatchObject({
      state: 'stale',
      reason: 'source_set_changed',
      staleSources: [],
    })
    expect(examineSet(['file:src/a.ts', 'file:empty.txt'])).toMatchObject({
      reason: 'source_set_changed',
      staleSources: [{ source_id: 'file:src/b.ts', recorded_hash: record.source_hashes[1] }],
    })
    expect(examineSet([])).toMatchObject({ reason: 'source_set_changed' })
  })

  it('asks the second reader for sources that are no files, and distrusts them without one', () => {
    using workspace = createWorkspace(FILES)
    const bytes = Buffer.from('row 1')
    const target = { ref_type: 'entity_ref', ref: { artefact_type: 'sheet', artefact_id: 's1' } } as const
    const record = packOf(target, [{ source_id: 'sheet:s1', source_hash: bytesHash(bytes) }], workspace.store)
    const readOtherSource = (id: string) =>
      id === 'sheet:s1' ? ({ status: 'read', bytes } as const) : ({ status: 'missing' } as const)
    expect(examinePack({ record }, { ...workspace.reads, readOtherSource }).state).toBe('fresh')
    expect(examine(workspace, record)).toMatchObject({ state: 'stale', reason: 'source_unreadable' })
  })
})

describe('T-X-FG-08 tampered and hostile packs are invalid (FG-008, FG-009, CP-010)', () => {
  it('finds altered, missing and swapped payload bytes', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const other = workspace.pack(['src/b.ts'])
    const original = workspace.payloads.get(record.payload_hash) ?? new Uint8Array()
    const altered = Uint8Array.from(original)
    altered[20] = (altered[20] ?? 0) ^ 1
    const expected = { state: 'invalid', reason: 'payload_hash_mismatch', staleSources: [] }

    workspace.payloads.set(record.payload_hash, altered)
    expect(examine(workspace, record)).toMatchObject(expected)
    workspace.payloads.set(record.payload_hash, workspace.payloads.get(other.payload_hash) ?? altered)
    expect(examine(workspace, record)).toMatchObject(expected)
    workspace.payloads.delete(record.payload_hash)
    expect(examine(workspace, record)).toMatchObject(expected)
    workspace.payloads.set(record.payload_hash, original)
    expect(examine(workspace, record).state).toBe('fresh')
  })

  it.each(['ARTIFACT_MISSING', 'ARTIFACT_HASH_MISMATCH'])('takes %s of a store as no bytes', (code) => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const readPayload = () => {
      throw Object.assign(new Error('refused by the store'), { code })
    }
    expect(examinePack({ record }, { ...workspace.reads, readPayload })).toMatchObject({
      reason: 'payload_hash_mismatch',
    })
  })

  it('does not read a single source for a pack that is invalid anyway', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    workspace.payloads.clear()
    workspace.readPaths.length = 0
    examine(workspace, record)
    expect(workspace.readPaths).toEqual([])
  })

  const IDENTIFIED = { pack_id: uuid(1), payload_hash: 'a'.repeat(64), target: fileTarget('src/a.ts') }
  const A = 'a'.repeat(64)
  const B = 'b'.repeat(64)
  it.each([
    ['hashes in another order', { source_hashes: [B, A], sources: [source('x', A), source('y', B)] }],
    ['a hash too many', { source_hashes: [A, A], sources: [source('x', A)] }],
    ['a hash too few', { source_hashes: [A], sources: [source('x', A), source('y', B)] }],
    ['no sources', { source_hashes: [], sources: [] }],
    ['one id twice', { source_hashes: [A, B], sources: [source('x', A), source('x', B)] }],
    ['unsorted sources', { source_hashes: [A, B], sources: [source('y', A), source('x', B)] }],
    ['a target that is not among the sources', { target: fileTarget('z') }],
    [
      'a target with another hash',
      { target: { ref_type: 'source_ref', ref: { kind: 'span', id: 'file:x', hash: B } } },
    ],
    [
      'a file packed as an entity',
      { target: { ref_type: 'entity_ref', ref: { artefact_type: 'file', artefact_id: 'x' } } },
    ],
    ['an artifact of other content', { pack_artifact: { ...handle(A), content_hash: B } }],
    ['an upper-case hash', { source_hashes: ['A'.repeat(64)], sources: [source('x', 'A'.repeat(64))] }],
    ['an unknown field', { fresh: true }],
    ['a version of 0', { version: 0 }],
    ['10 001 sources', manySources()],
  ])('refuses %s as record_inconsistent, though its payload fits it', (_, changes) => {
    using workspace = createWorkspace({ x: 'x', y: 'y' })
    const { sources, source_hashes } = { ...workspace.pack(['x']), ...changes }
    // An anchor that is not covered would be refused for that alone, so the payload has one into the last source only.
    const built = packOf(fileTarget('x'), sources.slice(-1), workspace.store)
    expect(examine(workspace, { ...built, sources, source_hashes, ...changes })).toMatchObject({
      state: 'invalid',
      reason: 'record_inconsistent',
    })
  })

  it('takes as many sources as a target may have', () => {
    using workspace = createWorkspace({ x: 'x' })
    const { sources, source_hashes } = manySources()
    const target = { ref_type: 'entity_ref', ref: { artefact_type: 'folder', artefact_id: 'all' } } as const
    const built = packOf(target, sources.slice(0, 1), workspace.store)
    const record = { ...built, sources: sources.slice(0, -1), source_hashes: source_hashes.slice(0, -1) }
    expect(examine(workspace, record)).toMatchObject({ state: 'stale', staleSources: { length: 10_000 } })
  })

  it('takes a target asked for with a hash for the one recorded without, and the other way round (CP-023)', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const [hash = ''] = record.source_hashes
    const hashed = { ref_type: 'source_ref' as const, ref: { kind: 'span' as const, id: 'file:src/a.ts', hash } }
    const ofHash = { ...record, target: hashed }
    for (const [stored, target] of [
      [record, targetId(hashed)],
      [ofHash, targetId(record.target)],
    ] as const) {
      expect(examinePack({ record: stored, target }, workspace.reads)).toMatchObject({ state: 'fresh', target })
    }
    const lines = { ...hashed, ref: { ...hashed.ref, selector: 'lines:1-1' } }
    expect(examinePack({ record, target: targetId(lines) }, workspace.reads)).toMatchObject({
      reason: 'record_inconsistent',
    })
    expect(
      examinePack({ record: { ...record, target: lines }, target: targetId(hashed) }, workspace.reads),
    ).toMatchObject({
      reason: 'record_inconsistent',
    })
  })

  it('refuses a record of another target than the one asked for', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const target = targetId(fileTarget('src/b.ts'))
    expect(examinePack({ record, target }, workspace.reads)).toMatchObject({
      state: 'invalid',
      reason: 'record_inconsistent',
      target,
    })
    expect(examinePack({ record, target: targetId(record.target) }, workspace.reads).state).toBe('fresh')
  })

  it.each([
    ['another record schema', { schema_version: 'hsk.context_pack_record@2' }],
    ['no record schema', { schema_version: undefined }],
  ])('reports %s as schema_unsupported', (_, changes) => {
    using workspace = createWorkspace(FILES)
    const record = { ...workspace.pack(['src/a.ts']), ...changes }
    expect(examine(workspace, record)).toMatchObject({ state: 'invalid', reason: 'schema_unsupported' })
  })

  it.each<[string, (payload: ReturnType<typeof payloadOf>) => unknown, string]>([
    [
      'another payload schema',
      (payload) => ({ ...payload, schema_version: 'hsk.context_pack_payload@9' }),
      'schema_unsupported',
    ],
    ['a payload without anchors', (payload) => ({ ...payload, anchors: [] }), 'record_inconsistent'],
    ['a payload that is no JSON', () => 'not json', 'record_inconsistent'],
    [
      'a payload with a duplicate key',
      (payload) => `{"schema_version":1,${JSON.stringify(payload).slice(1)}`,
      'record_inconsistent',
    ],
    ['an array', () => [], 'schema_unsupported'],
    [
      'an anchor into a source the record does not cover',
      (payload) => ({
        ...payload,
        anchors: [{ ...payload.anchors[0], source_ref: { kind: 'span', id: 'file:other', hash: A } }],
      }),
      'record_inconsistent',
    ],
    [
      'one such anchor behind one that is covered',
      (payload) => ({
        ...payload,
        anchors: [
          ...payload.anchors,
          {
            ...payload.anchors[0],
            anchor_id: 'a-00000000000f',
            source_ref: { kind: 'span', id: 'file:other', hash: A },
          },
        ],
      }),
      'record_inconsistent',
    ],
    [
      'an anchor with another hash than the record',
      (payload) => ({
        ...payload,
        anchors: [{ ...payload.anchors[0], source_ref: { kind: 'span', id: 'file:src/a.ts', hash: A } }],
      }),
      'record_inconsistent',
    ],
  ])('reports %s', (_, change, reason) => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const hash = workspace.store(change(payloadOf(record.sources)))
    const changed = { ...record, payload_hash: hash, pack_artifact: { ...record.pack_artifact, content_hash: hash } }
    expect(examine(workspace, changed)).toMatchObject({ state: 'invalid', reason })
  })

  it('remembers of settled records and payloads only what cannot change', () => {
    using workspace = createWorkspace(FILES)
    const reads = { ...workspace.reads, parsed: new Map<string, ContextPackPayload>() }
    const record = settle(workspace.pack(['src/a.ts']))
    const other = settle({ ...workspace.pack(['src/b.ts']), payload_hash: record.payload_hash })
    const misleading = settle({ ...other, pack_artifact: { ...other.pack_artifact, content_hash: other.payload_hash } })
    for (let look = 0; look < 2; look += 1) {
      expect(examinePack({ record }, reads)).toMatchObject({ state: 'fresh' })
      expect(examinePack({ record: misleading }, reads)).toMatchObject({ reason: 'record_inconsistent' })
    }
    workspace.payloads.set(record.payload_hash, Buffer.from('other bytes'))
    expect(examinePack({ record }, reads)).toMatchObject({ state: 'invalid', reason: 'payload_hash_mismatch' })
  })

  it('never reads outside the workspace for a source id that points there', () => {
    using workspace = createWorkspace(FILES)
    for (const path of ['../secret', '/etc/hostname', 'a/../../b', 'C:\\x', 'src//a.ts']) {
      const record = packOf(fileTarget(path), [{ source_id: `file:${path}`, source_hash: A }], workspace.store)
      workspace.readPaths.length = 0
      expect(examine(workspace, record)).toMatchObject({ state: 'stale', reason: 'source_unreadable' })
      expect(workspace.readPaths).toEqual([])
    }
  })

  it('is not fooled by a prototype', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const disguised: unknown = JSON.parse(`{"__proto__":${JSON.stringify(record)}}`)
    expect(() => examine(workspace, disguised)).toThrowError(expect.objectContaining({ code: 'PACK_UNIDENTIFIABLE' }))
    expect(() => examine(workspace, Object.create(record))).toThrowError(/stored pack record/)
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'record'],
    ['an empty object', {}],
    ['the nil UUID', { ...IDENTIFIED, pack_id: '00000000-0000-0000-0000-000000000000' }],
    ['a hash that is none', { ...IDENTIFIED, payload_hash: 'a' }],
    ['no target', { ...IDENTIFIED, target: undefined }],
  ])('cannot record anything about %s and says so', (_, record) => {
    using workspace = createWorkspace(FILES)
    expect(() => examine(workspace, record)).toThrowError(expect.objectContaining({ code: 'PACK_UNIDENTIFIABLE' }))
  })

  it('names a broken record by the target that was asked for', () => {
    using workspace = createWorkspace(FILES)
    const record = { pack_id: uuid(1), payload_hash: A }
    const target = targetId(fileTarget('src/a.ts'))
    expect(examinePack({ record, target }, workspace.reads)).toMatchObject({ target, reason: 'schema_unsupported' })
  })
})

describe('reads', () => {
  it('throws READ_FAILED with the cause when a reader breaks its contract, and does not call the pack anything', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const broken = new Error('EMFILE')
    const fail = () => {
      throw broken
    }
    for (const reads of [
      { ...workspace.reads, reader: { read: fail } },
      { ...workspace.reads, readPayload: fail },
    ]) {
      expect(() => examinePack({ record }, reads)).toThrowError(
        expect.objectContaining({ code: 'READ_FAILED', cause: broken }),
      )
    }
  })

  it.each([
    ['a value that is no error', { code: 'ARTIFACT_MISSING' }],
    ['an error of another code', Object.assign(new Error('no'), { code: 'ENOENT' })],
  ])('takes %s of a store for a failure, not for missing bytes', (_, thrown) => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const readPayload = () => {
      throw thrown
    }
    expect(() => examinePack({ record }, { ...workspace.reads, readPayload })).toThrowError(
      expect.objectContaining({ code: 'READ_FAILED', cause: thrown }),
    )
  })

  it('parses a payload once for a host that keeps what was parsed', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts'])
    const kept: ContextPackPayload[] = []
    const parsed = {
      get: () => kept.at(-1),
      set: (_: string, payload: ContextPackPayload) => void kept.push(payload),
    }
    for (let look = 0; look < 3; look += 1) {
      expect(examinePack({ record }, { ...workspace.reads, parsed }).state).toBe('fresh')
    }
    expect(kept).toEqual([payloadOf(record.sources)])
    expect(Object.isFrozen(kept[0]?.anchors)).toBe(true)
  })

  it('hashes a source once per call and again in the next call (FG-012)', () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['src/a.ts', 'src/b.ts'])
    const hashes = currentHashes(workspace.reads)
    for (let call = 0; call < 3; call += 1) examinePack({ record }, workspace.reads, hashes)
    expect(workspace.readPaths).toEqual(['src/a.ts', 'src/b.ts'])
    examine(workspace, record)
    expect(workspace.readPaths.length).toBe(4)
  })

  it('asks a reader that lends many files for all at once, but for none when a path leads out', () => {
    using workspace = createWorkspace(FILES)
    const asked: (readonly string[])[] = []
    const { reader } = workspace.reads
    const lending: SourceReader = {
      read: (path) => reader.read(path),
      lendEach(paths, use) {
        asked.push(paths)
        return paths.map((path) => {
          const read = reader.read(path)
          return read.status === 'read' ? { status: 'read', result: use(read.bytes) } : read
        })
      },
    }
    const readOtherSource = () => ({ status: 'read', bytes: Buffer.from('row 1') }) as const
    const hashes = currentHashes({ ...workspace.reads, reader: lending, readOtherSource })
    expect(hashes(['sheet:s1'])).toEqual([{ hash: bytesHash(Buffer.from('row 1')) }])
    const ids = ['file:src/a.ts', 'file:src/none.ts', 'file:src/b.ts']
    expect(hashes(ids)).toEqual(currentHashes(workspace.reads)(ids))
    expect(hashes(['file:src/b.ts', 'file:../a.ts'])[1]).toEqual({ failure: 'source_unreadable' })
    expect(asked).toEqual([['src/a.ts', 'src/none.ts', 'src/b.ts']])
  })

  it('hashes what a reader lends one by one, and never lends a path that leads out', () => {
    using workspace = createWorkspace(FILES)
    const asked: string[] = []
    const { reader } = workspace.reads
    const lending: SourceReader = {
      read: () => expect.unreachable(),
      lend(path, use) {
        asked.push(path)
        const read = reader.read(path)
        return read.status === 'read' ? { status: 'read', result: use(read.bytes) } : read
      },
    }
    const readOtherSource = () => ({ status: 'read', bytes: Buffer.from('row 1') }) as const
    const reads = { ...workspace.reads, readOtherSource }
    const ids = ['file:src/a.ts', 'file:../a.ts', 'file:src/none.ts', 'sheet:s1']
    expect(currentHashes({ ...reads, reader: lending })(ids)).toEqual(currentHashes(reads)(ids))
    expect(asked).toEqual(['src/a.ts', 'src/none.ts'])
  })
})

function source(path: string, source_hash: string) {
  return { source_id: `file:${path}`, source_hash }
}

function handle(content_hash: string) {
  return {
    artifact_id: uuid(9),
    kind: 'file',
    uri: '/x',
    content_hash,
    size_bytes: 1,
    classification: 'low',
    exportable: false,
  }
}

function manySources() {
  const sources = Array.from({ length: 10_000 }, (_, number) =>
    source(`y${String(number).padStart(5, '0')}`, 'a'.repeat(64)),
  )
  const all = [source('x', 'a'.repeat(64)), ...sources]
  return { sources: all, source_hashes: all.map(({ source_hash }) => source_hash) }
}
