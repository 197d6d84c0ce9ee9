import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { failing, openFolder } from '../test/folder-files.ts'
import type { TestFolder } from '../test/folder-files.ts'
import { ArtifactError, INLINE_LIMIT_BYTES, openArtifactStore } from './index.ts'
import type { ObjectFiles } from './index.ts'

const SEED = 20261120
const REPORT = { kind: 'report', classification: 'low' } as const
const clock = { now: () => 1_000.5 }
const open = ({ database, files }: TestFolder, otherFiles: ObjectFiles = files) =>
  openArtifactStore({ database, files: otherFiles, clock })
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251)
const fileOf = (folder: TestFolder, hash: string) => join(folder.path, 'objects', hash.slice(0, 2), hash.slice(2))

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ArtifactError) return error.code
    throw error
  }
  return 'no error'
}

test.each([0, 1, INLINE_LIMIT_BYTES, INLINE_LIMIT_BYTES + 1, 1_000_000])(
  '%i bytes come back as they were',
  (length) => {
    using folder = openFolder()
    const store = open(folder)
    const bytes = bytesOf(length)
    const handle = store.put(bytes, REPORT)
    expect(handle).toMatchObject({
      content_hash: bytesHash(bytes),
      uri: `/objects/${bytesHash(bytes)}`,
      size_bytes: length,
      exportable: true,
    })
    expect(store.has(handle.content_hash)).toBe(true)
    expect(Buffer.compare(store.get(handle.content_hash), bytes)).toBe(0)
    const place = length > INLINE_LIMIT_BYTES ? 'file' : 'database'
    expect([...store.list()]).toEqual([
      { content_hash: handle.content_hash, size_bytes: length, stored_at: 1000, place },
    ])
  },
)

test('a large object is one file of its own, readable by its owner only', () => {
  using folder = openFolder()
  const { content_hash } = open(folder).put(bytesOf(100_000), REPORT)
  expect(statSync(fileOf(folder, content_hash)).mode & 0o777).toBe(0o600)
})

test('any bytes, in any order and with repeats, come back as they were', () => {
  using folder = openFolder()
  const store = open(folder)
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (objects) => {
      const handles = objects.map((bytes) => store.put(bytes, REPORT))
      for (const [index, handle] of handles.entries()) {
        expect(Buffer.compare(store.get(handle.content_hash), objects[index] ?? new Uint8Array())).toBe(0)
      }
    }),
    { seed: SEED, numRuns: 100 },
  )
  const listed = [...store.list()]
  expect(new Set(listed.map(({ content_hash }) => content_hash)).size).toBe(listed.length)
})

test('the same bytes under two kinds are one object with one id and two handles', () => {
  using folder = openFolder()
  const store = open(folder)
  const one = store.put(bytesOf(10), REPORT)
  const two = store.put(bytesOf(10), { kind: 'tool_output', classification: 'medium' })
  expect(two.artifact_id).toBe(one.artifact_id)
  expect([one.exportable, two.exportable]).toEqual([true, false])
  expect([...store.list()]).toHaveLength(1)
})

test('another store on the same state reads what was put', () => {
  using folder = openFolder()
  const { content_hash } = open(folder).put(bytesOf(70_000), REPORT)
  expect(open(folder).get(content_hash)).toHaveLength(70_000)
})

describe('what somebody did to the state is named', () => {
  const edits: [string, number, (folder: TestFolder, hash: string) => void, string][] = [
    [
      'edited bytes in the database',
      10,
      ({ database }) => database.exec("UPDATE artifact_object SET bytes = x'00'"),
      'ARTIFACT_HASH_MISMATCH',
    ],
    ['a removed row', 10, ({ database }) => database.exec('DELETE FROM artifact_object'), 'ARTIFACT_MISSING'],
    [
      'an edited file',
      70_000,
      (folder, hash) => writeFileSync(fileOf(folder, hash), bytesOf(69_999)),
      'ARTIFACT_HASH_MISMATCH',
    ],
    [
      'a longer file',
      70_000,
      (folder, hash) => writeFileSync(fileOf(folder, hash), bytesOf(90_000)),
      'ARTIFACT_HASH_MISMATCH',
    ],
    ['a truncated file', 70_000, (folder, hash) => truncateSync(fileOf(folder, hash), 5), 'ARTIFACT_HASH_MISMATCH'],
    ['a removed file', 70_000, (folder, hash) => rmSync(fileOf(folder, hash)), 'ARTIFACT_MISSING'],
    [
      'an edited size',
      70_000,
      ({ database }) => database.exec('UPDATE artifact_object SET size_bytes = -7'),
      'ARTIFACT_HASH_MISMATCH',
    ],
    [
      'bytes in the row of a file',
      70_000,
      ({ database }) => database.exec("UPDATE artifact_object SET bytes = x'01'"),
      'ARTIFACT_HASH_MISMATCH',
    ],
  ]
  test.each(edits)('%s', (_, length, edit, code) => {
    using folder = openFolder()
    const store = open(folder)
    const { content_hash } = store.put(bytesOf(length), REPORT)
    edit(folder, content_hash)
    expect(codeOf(() => store.get(content_hash))).toBe(code)
    // Putting the right bytes again repairs it.
    store.put(bytesOf(length), REPORT)
    expect(store.get(content_hash)).toHaveLength(length)
  })

  test('a folder where the file should be', () => {
    using folder = openFolder()
    const store = open(folder)
    const { content_hash } = store.put(bytesOf(70_000), REPORT)
    rmSync(fileOf(folder, content_hash))
    mkdirSync(fileOf(folder, content_hash))
    expect(codeOf(() => store.get(content_hash))).toBe('ARTIFACT_STORE_FAILED')
  })
})

test.each(['../../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(64)}\n`, 'a'.repeat(63)])(
  '%j is no hash and reaches no file',
  (hash) => {
    using folder = openFolder()
    const untouchable = () => {
      throw new Error('touched')
    }
    const store = open(folder, failing(folder.files, { read: untouchable, exists: untouchable }))
    expect(codeOf(() => store.get(hash))).toBe('ARTIFACT_MISSING')
    expect(codeOf(() => store.has(hash))).toBe('ARTIFACT_MISSING')
  },
)

test('a put inside a transaction that is rolled back leaves no object, and can be repeated', () => {
  using folder = openFolder()
  const store = open(folder)
  folder.database.exec('BEGIN')
  const small = store.put(bytesOf(10), REPORT)
  const large = store.put(bytesOf(70_000), REPORT)
  folder.database.exec('ROLLBACK')
  for (const { content_hash } of [small, large]) {
    expect(store.has(content_hash)).toBe(false)
    expect(codeOf(() => store.get(content_hash))).toBe('ARTIFACT_MISSING')
  }
  expect([...store.list()]).toEqual([])
  store.put(bytesOf(70_000), REPORT)
  expect(store.get(large.content_hash)).toHaveLength(70_000)
})

test('a full disk is an error, and nothing is referenced', () => {
  using folder = openFolder()
  const full = open(
    folder,
    failing(folder.files, {
      writeAtomic: () => {
        throw new Error('ENOSPC')
      },
    }),
  )
  expect(codeOf(() => full.put(bytesOf(70_000), REPORT))).toBe('ARTIFACT_STORE_FAILED')
  expect([...full.list()]).toEqual([])

  folder.database.exec('PRAGMA max_page_count = 1')
  expect(codeOf(() => full.put(bytesOf(60_000), REPORT))).toBe('ARTIFACT_STORE_FAILED')
  expect([...full.list()]).toEqual([])
})

test.each([
  [{ kind: 'prompt_payload', classification: 'low' } as const],
  [{ kind: 'report', classification: 'high' } as const],
  [{ kind: 'report', classification: 'low', retentionTtlDays: -1 } as const],
  [{ kind: 'report', classification: 'low', retentionTtlDays: 1.5 } as const],
])('options %j are refused', (options) => {
  using folder = openFolder()
  const store = open(folder)
  expect(codeOf(() => store.put(bytesOf(1), options))).toBe('ARTIFACT_INVALID')
  expect([...store.list()]).toEqual([])
})

test('sensitive objects are not exportable unless somebody says so', () => {
  using folder = openFolder()
  const store = open(folder)
  expect(store.put(bytesOf(1), { kind: 'report', classification: 'high', retentionTtlDays: 30 })).toMatchObject({
    exportable: false,
    retention_ttl_days: 30,
  })
  expect(store.put(bytesOf(1), { kind: 'report', classification: 'medium', exportable: true }).exportable).toBe(true)
})

test.each([
  [['low', 'medium', 'low'], 'medium'],
  [['high', 'low'], 'high'],
  [['low', 'low'], 'low'],
] as const)('bytes that were put as %j are %s, whatever the last handle says', (claims, kept) => {
  using folder = openFolder()
  const store = open(folder)
  const handles = claims.map((classification) =>
    store.put(bytesOf(10), { kind: 'report', classification, exportable: true, retentionTtlDays: 1 }),
  )
  expect(handles.map(({ classification }) => classification)).toEqual(claims)
  expect(open(folder).label(bytesHash(bytesOf(10)))).toEqual({
    kind: 'report',
    classification: kept,
    exportable: true,
  })
})

test('once kept here, always kept here; the kind is the first one', () => {
  using folder = openFolder()
  const store = open(folder)
  for (const exportable of [true, false, true])
    store.put(bytesOf(70_000), { kind: exportable ? 'bundle' : 'report', classification: 'low', exportable })
  expect(store.label(bytesHash(bytesOf(70_000)))).toEqual({ kind: 'bundle', classification: 'low', exportable: false })
})

test('what nobody put, and a label that makes no sense, is unknown', () => {
  using folder = openFolder()
  const store = open(folder)
  expect(store.label('a'.repeat(64))).toBe(undefined)
  const { content_hash } = store.put(bytesOf(10), REPORT)
  folder.database.exec('UPDATE artifact_object SET sensitivity = 7')
  expect(store.label(content_hash)).toBe(undefined)
  folder.database.exec("UPDATE artifact_object SET sensitivity = 0, kind = 'anything'")
  expect(store.label(content_hash)).toBe(undefined)
})

test('objects of a state without labels are whole and unknown, until they are put again', () => {
  using folder = openFolder()
  const { content_hash } = open(folder).put(bytesOf(10), REPORT)
  for (const column of ['kind', 'sensitivity', 'exportable'])
    folder.database.exec(`ALTER TABLE artifact_object DROP COLUMN ${column}`)
  folder.database.exec('UPDATE artifact_store SET version = 1')
  const store = open(folder)
  expect([store.get(content_hash).length, store.label(content_hash)]).toEqual([10, undefined])
  store.put(bytesOf(10), { kind: 'report', classification: 'medium' })
  expect(open(folder).label(content_hash)).toEqual({ kind: 'report', classification: 'medium', exportable: false })
})

test('a state of a newer version is refused, and one that is there is opened without a write', () => {
  using folder = openFolder()
  open(folder)
  folder.database.exec('PRAGMA query_only = ON')
  expect(codeOf(() => open(folder))).toBe('no error')
  folder.database.exec('PRAGMA query_only = OFF; UPDATE artifact_store SET version = 3')
  expect(codeOf(() => open(folder))).toBe('ARTIFACT_STORE_VERSION')
})

test('no error shows a byte of an object', () => {
  using folder = openFolder()
  const store = open(folder)
  const canary = 'CANARY-5521'
  const { content_hash } = store.put(Buffer.from(canary), REPORT)
  folder.database.exec(`UPDATE artifact_object SET bytes = CAST('other ${canary}' AS BLOB)`)
  try {
    store.get(content_hash)
    expect.unreachable()
  } catch (error) {
    expect(`${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`).not.toContain(
      'CANARY',
    )
  }
  expect(readdirSync(folder.path)).not.toContain('objects')
})
