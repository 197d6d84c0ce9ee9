import { DatabaseSync } from 'node:sqlite'

import { canonicalize } from '@ctxlock/core-hash'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { describe, expect, test } from 'vitest'

import { clock, memoryReader, memoryStore, testRedactor, tokenCounter } from '../../test/support.ts'
import { reuseKeyOf } from '../pack/pack-identity.ts'
import { buildContextPack, type StoredPack } from '../pack/context-pack.ts'
import { openPackCache } from './pack-cache.ts'

const store = memoryStore()

function pack(text: string, previous?: StoredPack, path = 'a.md'): StoredPack {
  const reader = memoryReader({ [path]: text })
  const result = buildContextPack({
    path,
    reader,
    redactor: testRedactor,
    store,
    clock,
    tokenCounter,
    ...(previous && { previous }),
  })
  if (result.status === 'not_packed') throw new Error(result.reason)
  return { record: result.record, tokens: { counterId: tokenCounter.id, count: result.source.tokens } }
}

describe('the cache', () => {
  test('gives the newest record of a target and any record by its key', () => {
    const cache = openPackCache(new DatabaseSync(':memory:'))
    const first = pack('# a\n')
    const second = pack('# b\n', first)
    cache.put(first)
    cache.put(second)
    expect(cache.latest('file:a.md')).toEqual(second)
    expect(cache.findByReuseKey(reuseKeyOf(first.record))).toEqual(first)
    expect(cache.latest('file:b.md')).toBeUndefined()
    expect(cache.findByReuseKey('f'.repeat(64))).toBeUndefined()
    cache.put(first)
    expect(cache.latest('file:a.md')).toEqual(second)
    cache.forget('file:a.md')
    expect(cache.latest('file:a.md')).toBeUndefined()
  })

  test('sums up the newest pack of every target', () => {
    const cache = openPackCache(new DatabaseSync(':memory:'))
    const first = pack('# a\n')
    const second = pack('# b\n', first)
    const other = pack('# c\n', undefined, 'c.md')
    for (const stored of [first, second, { record: other.record }]) cache.put(stored)
    const summary = ({ record }: StoredPack) => ({
      reuseKey: reuseKeyOf(record),
      packId: record.pack_id,
      payloadHash: record.payload_hash,
      version: record.version,
    })
    expect([...cache.summaries()]).toEqual([
      ['file:a.md', { ...summary(second), tokens: second.tokens }],
      ['file:c.md', summary(other)],
    ])
  })

  test('takes over the packs of the first version of its tables', () => {
    const database = new DatabaseSync(':memory:')
    const stored = pack('# a\n')
    database.exec(`
      CREATE TABLE context_pack_schema (version INTEGER NOT NULL) STRICT;
      INSERT INTO context_pack_schema (version) VALUES (1);
      CREATE TABLE context_pack (
        source_id TEXT NOT NULL, version INTEGER NOT NULL, reuse_key TEXT NOT NULL, record TEXT NOT NULL,
        token_counter TEXT, tokens INTEGER, PRIMARY KEY (source_id, version)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX context_pack_reuse ON context_pack (reuse_key);
    `)
    database
      .prepare('INSERT INTO context_pack VALUES (?, ?, ?, ?, ?, ?)')
      .run('file:a.md', 1, reuseKeyOf(stored.record), canonicalize(stored.record), tokenCounter.id, 1)
    database.exec(`INSERT INTO context_pack VALUES ('file:b.md', 1, 'x', '{', NULL, NULL)`)
    const cache = openPackCache(database)
    // Counts of that version are counted again.
    expect(cache.latest('file:a.md')).toEqual({ record: stored.record })
    expect(cache.summaries().size).toBe(1)
  })

  test.each(['tokens = tokens + 1', "token_counter = 'x' || token_counter", "pack_id = 'x', record = '{}'"])(
    'believes no count that was damaged: %s',
    (damage) => {
      const database = new DatabaseSync(':memory:')
      const cache = openPackCache(database)
      cache.put(pack('# a\n'))
      expect(cache.summaries().get('file:a.md')?.tokens).toBeDefined()
      database.exec(`UPDATE context_pack SET ${damage}`)
      expect(cache.summaries().get('file:a.md')?.tokens).toBeUndefined()
      expect(cache.latest('file:a.md')?.tokens).toBeUndefined()
    },
  )

  test('serves the builder: a file that changed back is reused, and the version goes on from the newest', () => {
    const cache = openPackCache(new DatabaseSync(':memory:'))
    const build = (text: string) => {
      const previous = cache.latest('file:a.md')
      const result = buildContextPack({
        path: 'a.md',
        reader: memoryReader({ 'a.md': text }),
        redactor: testRedactor,
        store,
        clock,
        tokenCounter,
        findReusable: cache.findByReuseKey,
        ...(previous && { previous }),
      })
      if (result.status === 'not_packed') throw new Error(result.reason)
      cache.put({ record: result.record })
      return `${result.status} ${result.record.version}`
    }
    expect(['# a\n', '# a\n', '# b\n', '# a\n', '# c\n'].map(build)).toEqual([
      'built 1',
      'reused 1',
      'refreshed 2',
      'reused 1',
      'refreshed 3',
    ])
  })

  test('keeps a few versions of a target, not all', () => {
    const database = new DatabaseSync(':memory:')
    const cache = openPackCache(database)
    let previous: StoredPack | undefined
    for (let version = 1; version <= 12; version += 1) {
      previous = pack(`# ${version}\n`, previous)
      cache.put(previous)
    }
    expect(database.prepare('SELECT count(*) AS n, min(version) AS first FROM context_pack').get()).toEqual({
      n: 8,
      first: 5,
    })
  })

  test('joins the transaction of the host', () => {
    const database = new DatabaseSync(':memory:')
    const cache = openPackCache(database)
    expect(() =>
      inTransaction(database, () => {
        cache.put(pack('# a\n'))
        throw new Error('rolled back')
      }),
    ).toThrow('rolled back')
    expect(cache.latest('file:a.md')).toBeUndefined()
  })

  test('opens again, finds its tables and writes nothing', () => {
    const database = new DatabaseSync(':memory:')
    openPackCache(database).put(pack('# a\n'))
    const before = database.prepare('SELECT total_changes() AS n').get()
    expect(openPackCache(database).latest('file:a.md')).toBeDefined()
    expect(database.prepare('SELECT total_changes() AS n').get()).toEqual(before)
    database.exec('UPDATE context_pack_schema SET version = 99')
    expect(() => openPackCache(database)).toThrow(expect.objectContaining({ code: 'PACK_CACHE_UNSUPPORTED' }))
  })

  test.each([
    ['is no JSON', "UPDATE context_pack SET record = '{'"],
    ['is no record', "UPDATE context_pack SET record = '{}'"],
    ['is the record of another file', "UPDATE context_pack SET record = replace(record, 'file:a.md', 'file:b.md')"],
    [
      'has another source hash than its key',
      `UPDATE context_pack SET record = replace(record, '"source_hash":"', '"source_hash":"x')`,
    ],
  ])('a row that %s is not there', (_, sql) => {
    const database = new DatabaseSync(':memory:')
    const cache = openPackCache(database)
    const stored = pack('# a\n')
    cache.put(stored)
    database.exec(sql)
    expect(cache.latest('file:a.md')).toBeUndefined()
    expect(cache.findByReuseKey(reuseKeyOf(stored.record))).toBeUndefined()
  })
})
