import { DatabaseSync } from 'node:sqlite'

import { textHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openDatabase } from '../../test/support/workspace.ts'
import { indexCorpusHash, searchIndex } from './search-index.ts'
import { syncIndex, type IndexedFile } from './sync-index.ts'

function file(path: string, text: string | undefined): IndexedFile {
  return { path, hash: textHash(text ?? `binary ${path}`), text }
}

function indexOf(files: readonly IndexedFile[]): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  syncIndex(database, { files })
  return database
}

const paths = (database: DatabaseSync, text: string, limit = 10) =>
  searchIndex(database, { text, limit }).map((hit) => hit.path)

const box = file('src/checksum.ts', '/** Computes the checksum of a box. */\nexport function computeChecksum() {}\n')
const depot = file('src/depot.ts', 'export interface Depot { capacity: number }\n')

describe('syncIndex', () => {
  test('content decides: unchanged files are left alone, changed ones replaced, missing ones removed', () => {
    const database = openDatabase()
    expect(syncIndex(database, { files: [box, depot] })).toMatchObject({
      added: 2,
      changed: 0,
      removed: 0,
      unchanged: 0,
    })
    expect(syncIndex(database, { files: [depot, box] })).toMatchObject({
      added: 0,
      changed: 0,
      removed: 0,
      unchanged: 2,
    })
    const changed = file('src/depot.ts', 'export interface Station { platforms: number }\n')
    expect(syncIndex(database, { files: [changed] })).toMatchObject({ added: 0, changed: 1, removed: 1, unchanged: 0 })
    expect(paths(database, 'checksum depot capacity')).toEqual(['src/depot.ts'])
    expect(paths(database, 'platforms')).toEqual(['src/depot.ts'])
  })

  test('the text of an unchanged file is not even asked for', () => {
    const database = openDatabase()
    syncIndex(database, { files: [box] })
    const lazy = {
      ...box,
      get text(): string {
        throw new Error('decoded without need')
      },
    }
    expect(syncIndex(database, { files: [lazy] }).unchanged).toBe(1)
    expect(() =>
      syncIndex(database, {
        files: [
          {
            path: lazy.path,
            hash: textHash('new'),
            get text(): string {
              throw new Error('needed')
            },
          },
        ],
      }),
    ).toThrow('needed')
    // The failed sync left the index as it was.
    expect(paths(database, 'checksum')).toEqual(['src/checksum.ts'])
  })

  test('keeps no word of a file that went', () => {
    const database = indexOf([box, depot])
    syncIndex(database, { files: [box] })
    const words = database.prepare('SELECT block FROM lexical_text_data').all()
    expect(words.filter(({ block }) => block instanceof Uint8Array && Buffer.from(block).includes('depot'))).toEqual([])
  })

  test('the corpus hash depends on the files alone, not on order or history', () => {
    const one = syncIndex(openDatabase(), { files: [box, depot] }).corpusHash
    const database = openDatabase()
    syncIndex(database, { files: [depot, file('src/gone.ts', 'x')] })
    expect(syncIndex(database, { files: [depot, box] }).corpusHash).toBe(one)
    expect(indexCorpusHash(database)).toBe(one)
    expect(syncIndex(database, { files: [depot] }).corpusHash).not.toBe(one)
  })

  test('an index of another format is built anew', () => {
    const database = openDatabase()
    syncIndex(database, { files: [box] })
    database.exec("UPDATE lexical_index SET format = 'older'")
    expect(() => searchIndex(database, { text: 'checksum', limit: 1 })).toThrow(
      expect.objectContaining({ code: 'InvalidInput' }),
    )
    expect(syncIndex(database, { files: [box] }).added).toBe(1)
    expect(paths(database, 'checksum')).toEqual(['src/checksum.ts'])
  })

  test('works inside a transaction of the host, and is undone with it', () => {
    const database = openDatabase()
    syncIndex(database, { files: [box] })
    database.exec('BEGIN')
    syncIndex(database, { files: [depot] })
    database.exec('ROLLBACK')
    expect(paths(database, 'checksum depot')).toEqual(['src/checksum.ts'])
  })

  test.each(['../a.ts', '/etc/passwd', 'a//b', 'C:/x', 'e\u0301.ts', 'a\ud800.ts'])('refuses the path %j', (path) => {
    expect(() => syncIndex(openDatabase(), { files: [file(path, 'x')] })).toThrow(
      expect.objectContaining({ code: 'InvalidInput' }),
    )
  })

  test('refuses a path that is listed twice', () => {
    expect(() => syncIndex(openDatabase(), { files: [box, box] })).toThrow(
      expect.objectContaining({ code: 'InvalidInput' }),
    )
  })

  test('files that are no text are known but never found', () => {
    const database = indexOf([file('logo.png', undefined), file('blob.bin', 'checksum\0checksum'), box])
    expect(paths(database, 'logo png blob checksum')).toEqual(['src/checksum.ts'])
  })
})

describe('incremental equals fresh', () => {
  const words = ['alpha', 'beta', 'gammaDelta', 'parseConfig', 'x1', '漢字']
  const text = fc.array(fc.constantFrom(...words, '\n', '\n\n', ' '), { maxLength: 60 }).map((parts) => parts.join(' '))
  const edit = fc.record({
    path: fc.constantFrom('a.ts', 'b/c.md', 'd.ts', 'e.ts'),
    text: fc.option(text, { nil: undefined }),
  })

  test('any sequence of edits leaves an index that answers like one built anew', () => {
    fc.assert(
      fc.property(fc.array(fc.array(edit, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rounds) => {
        const files = new Map<string, IndexedFile>()
        const incremental = new DatabaseSync(':memory:')
        for (const round of rounds) {
          for (const change of round) {
            if (change.text === undefined) files.delete(change.path)
            else files.set(change.path, file(change.path, change.text))
          }
          syncIndex(incremental, { files: files.values() })
        }
        const fresh = indexOf([...files.values()].toReversed())
        for (const query of [...words, words.join(' '), 'config delta']) {
          const expected = searchIndex(fresh, { text: query, limit: 5, perSource: 2 })
          expect(searchIndex(incremental, { text: query, limit: 5, perSource: 2 })).toEqual(expected)
        }
        expect(indexCorpusHash(incremental)).toBe(indexCorpusHash(fresh))
        incremental.close()
        fresh.close()
      }),
      { seed: 20261120, numRuns: 60 },
    )
  })
})

describe('searchIndex', () => {
  test('finds identifiers by their parts and words by their forms', () => {
    const database = indexOf([box, depot])
    expect(paths(database, 'computing checksums')).toEqual(['src/checksum.ts'])
    expect(paths(database, 'computeChecksum')).toEqual(['src/checksum.ts'])
    expect(paths(database, 'DEPOT')).toEqual(['src/depot.ts'])
  })

  test('hits are bounded references with the indexed hash and a score in 0..1', () => {
    const [hit] = searchIndex(indexOf([box, depot]), { text: 'checksum', limit: 1 })
    expect(hit?.ref).toEqual({ kind: 'span', id: 'file:src/checksum.ts', hash: box.hash, selector: 'lines:1-2' })
    expect(hit?.score).toBeGreaterThan(0)
    expect(hit?.score).toBeLessThan(1)
    expect(hit?.score).toBe(Number(hit?.score.toFixed(6)))
  })

  test('words that stand in most windows still order the hits', () => {
    const files = [1, 2, 3].map((count) =>
      file(`${count}.md`, `${'depot '.repeat(count)}${'other '.repeat(6 - count)}`),
    )
    expect(paths(indexOf(files), 'depot')).toEqual(['3.md', '2.md', '1.md'])
  })

  test('equal scores are ordered by canonical id, also where the list is cut', () => {
    const names = Array.from({ length: 900 }, (_, index) => `f${String(index).padStart(4, '0')}.md`)
    const shuffled = names.toSorted((left, right) => (textHash(left) < textHash(right) ? -1 : 1))
    const database = indexOf(shuffled.map((name) => ({ path: name, hash: textHash('same'), text: 'depot and box' })))
    expect(paths(database, 'depot', 5)).toEqual(names.slice(0, 5))
  })

  test('a name that is defined weighs more than one that is mentioned, and so does a path', () => {
    const mention = 'the depot of a depot: depot\n'
    const defined = file('src/a.ts', 'class Depot {\n  open: boolean\n}\n')
    expect(paths(indexOf([defined, file('src/b.ts', mention)]), 'depot')).toEqual(['src/a.ts', 'src/b.ts'])
    expect(paths(indexOf([file('src/depot/c.ts', 'class Box {}\n'), defined]), 'depot box')[0]).toBe('src/depot/c.ts')
  })

  test('symbols that are handed in are used instead of lines that look like some', () => {
    const database = openDatabase()
    const parsed = { ...depot, symbols: [{ name: 'Warehouse', start: 1, end: 1 }] }
    syncIndex(database, { files: [depot] })
    expect(paths(database, 'warehouse')).toEqual([])
    expect(syncIndex(database, { files: [parsed] }).changed).toBe(1)
    expect(paths(database, 'warehouse')).toEqual(['src/depot.ts'])
    expect(syncIndex(database, { files: [parsed] }).unchanged).toBe(1)
  })

  test('of files that match alike, one whose other windows match too stands first', () => {
    const window = `depot\n${'other words\n'.repeat(39)}`
    const files = [file('a.md', window), file('b.md', window + window)]
    expect(paths(indexOf(files), 'depot', 1)).toEqual(['b.md'])
  })

  test('one file can be kept from filling the list', () => {
    const long = Array.from({ length: 400 }, () => 'depot depot depot').join('\n')
    const database = indexOf([file('long.md', long), file('short.md', 'a depot')])
    const hits = searchIndex(database, { text: 'depot', limit: 4, perSource: 2 })
    expect(hits.map(({ path }) => path).toSorted()).toEqual(['long.md', 'long.md', 'short.md'])
  })

  test('files can be left out, and the list is filled with others', () => {
    const database = indexOf(
      Array.from({ length: 500 }, (_, index) =>
        file(`${index % 2 ? 'in' : 'out'}/${index}.md`, 'depot '.repeat(index % 2 ? 1 : 9)),
      ),
    )
    const hits = searchIndex(database, { text: 'depot', limit: 200, accepts: (path) => path.startsWith('in/') })
    expect(hits).toHaveLength(200)
    expect(hits.every(({ path }) => path.startsWith('in/'))).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['quotes', '"checksum" OR "x'],
    ['FTS syntax', 'path:checksum AND NOT (depot* ^a) NEAR(b c, 2)'],
    ['a column filter', '{path body} : checksum'],
    ['NUL', 'check\0sum'],
    ['punctuation only', '"\'*^(){}[]+-:;,.!?'],
    ['SQL', "'; DROP TABLE lexical_file; --"],
    ['lone surrogates', '\ud800 \udfff'],
    ['100 KB of words', 'checksum depot '.repeat(7000)],
    ['100 KB without a space', 'a'.repeat(100_000)],
    ['100 KB of brackets', '('.repeat(100_000)],
    ['right-to-left marks', '\u202echecksum\u202c'],
  ])('a query of %s does no harm', (_, text) => {
    const database = indexOf([box, depot])
    expect(searchIndex(database, { text, limit: 5 }).length).toBeLessThanOrEqual(2)
    expect(paths(database, 'checksum')).toEqual(['src/checksum.ts'])
  })

  test('any text is a query', () => {
    const database = indexOf([box, depot])
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        expect(searchIndex(database, { text, limit: 3 }).length).toBeLessThanOrEqual(3)
      }),
      { seed: 20261120, numRuns: 300 },
    )
  })

  test('without an index it says so', () => {
    expect(() => searchIndex(openDatabase(), { text: 'x', limit: 1 })).toThrow(/call syncIndex first/)
  })
})
