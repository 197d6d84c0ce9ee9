import { createHash, generateKeyPairSync } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { record, vector } from '../test/record-vector.ts'
import { judgeProof, judgeRecord } from './index.ts'
import type { StoredRecord } from './index.ts'
import { hashOfText } from './merkle-tree.ts'

const last = record.rows.length
const judge = (changed: Partial<StoredRecord>, kept: readonly string[] = [vector.kept]) =>
  judgeRecord({ ...record, ...changed }, vector.public_key, kept)
const rowsWith = (seq: number, change: (row: StoredRecord['rows'][number]) => StoredRecord['rows'][number]) =>
  record.rows.map((row) => (row.seq === seq ? change(row) : row))

describe('a record', () => {
  test('that nobody changed is intact, and never without what is kept outside', async () => {
    expect(await judge({})).toMatchObject({
      verdict: 'intact',
      ranges: [{ state: 'intact', from: 1, to: last }],
      problems: [],
    })
    expect((await judge({}, [])).verdict).toBe('unanchored')
    expect((await judgeRecord(record, undefined, [vector.kept])).verdict).toBe('unanchored')
  })

  test('is anchored up to where something outside says so', async () => {
    const [first] = vector.checkpoints
    expect((await judge({}, [first?.note ?? ''])).ranges).toEqual([
      { state: 'intact', from: 1, to: first?.size },
      { state: 'unanchored', from: (first?.size ?? 0) + 1, to: last },
    ])
  })

  test('with one event changed is broken there and nowhere else', async () => {
    const edited = await judge({ rows: rowsWith(4, (row) => ({ ...row, text: row.text?.replace('2026', '2027') })) })
    const text = record.rows[3]?.text?.replace('"seq":4', '"seq":4,"wp_id":"x"') ?? ''
    const rewritten = await judge({ rows: rowsWith(4, (row) => ({ ...row, text, hash: hashOfText(text) })) })
    for (const { verdict, ranges } of [edited, rewritten]) {
      expect(verdict).toBe('broken')
      expect(ranges.map(({ state, from }) => [state, from])).toEqual([
        ['intact', 1],
        ['broken', 4],
        ['intact', 5],
      ])
    }
  })

  test('that was cut says what is missing', async () => {
    const rows = record.rows.slice(0, 3)
    const head = { count: 3, lastHash: rows[2]?.hash ?? '' }
    expect(await judge({ rows, head, tileLeaves: [], checkpoints: [] })).toMatchObject({
      verdict: 'broken',
      ranges: [
        { state: 'unanchored', from: 1, to: 3 },
        { state: 'missing', from: 4, to: last },
      ],
    })
  })

  test('without anything that is signed is judged by its chain', async () => {
    const unsigned = { tileLeaves: [], checkpoints: [] }
    expect((await judge(unsigned, [])).verdict).toBe('unanchored')
    const text = record.rows[3]?.text?.replace('{', '{ ') ?? ''
    const rows = rowsWith(4, (row) => ({ ...row, text, hash: hashOfText(text) }))
    expect((await judge({ ...unsigned, rows }, [])).ranges).toContainEqual({ state: 'broken', from: 4, to: 4 })
  })

  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  test.each([
    ['as many containers in each other as there may be (CJ-010)', nested(254), 'unanchored'],
    ['one container too many', nested(255), 'broken'],
    ['more containers than a stack holds', nested(20_000), 'broken'],
    ['a number beyond the safe ones', '9007199254740992', 'broken'],
    ['half a character', String.raw`"\ud800"`, 'broken'],
  ] as const)('that holds %s', async (_, value, state) => {
    const text = `{"payload":{"a":${value}},"prev_hash":"${'0'.repeat(64)}","seq":1}`
    const hash = hashOfText(text)
    const rows = [{ seq: 1, text, hash }]
    const alone = { rows, head: { count: 1, lastHash: hash }, tileLeaves: [], checkpoints: [] }
    expect((await judgeRecord(alone, undefined, [])).ranges).toEqual([{ state, from: 1, to: 1 }])
  })

  test('from which a text was taken is broken there, signed or not: nothing ordered it', async () => {
    const taken = rowsWith(4, (row) => ({ ...row, text: undefined }))
    expect(await judge({ rows: taken })).toMatchObject({ verdict: 'broken', erased: 0 })
    expect((await judge({ rows: taken, tileLeaves: [], checkpoints: [] }, [])).ranges).toContainEqual({
      state: 'broken',
      from: 4,
      to: 4,
    })
  })

  test.each([
    ['a head of other events', { head: { ...record.head, lastHash: '0'.repeat(64) } }, [vector.kept]],
    [
      'a checkpoint that was changed',
      { checkpoints: vector.checkpoints.map((one) => ({ ...one, size: one.size + 1 })) },
      [vector.kept],
    ],
    ['an anchor that was changed', {}, [vector.kept.replace('\n', '\r\n')]],
    [
      'a row before the first',
      { rows: [{ seq: 0, text: '{}', hash: hashOfText('{}') }, ...record.rows] },
      [vector.kept],
    ],
    [
      'two rows at one place, of which one is right',
      { rows: record.rows.flatMap((row) => (row.seq === 4 ? [{ ...row, text: '{"seq":4}' }, row] : [row])) },
      [vector.kept],
    ],
    ['a run with another number of events', { rows: record.rows.filter(({ seq }) => seq !== 2) }, [vector.kept]],
  ])('with %s is broken', async (_, changed, kept) => {
    expect(await judge(changed, kept)).toMatchObject({ verdict: 'broken' })
    expect((await judge(changed, kept)).problems).not.toEqual([])
  })
})

describe('a record of any size is judged, and what a file says of its size costs nothing', () => {
  const MOST = Number.MAX_SAFE_INTEGER
  const unsigned = { tileLeaves: [], checkpoints: [] }

  test('130,000 events, more than one call takes arguments', async () => {
    const rows = longLog(130_000)
    const head = { count: rows.length, lastHash: rows.at(-1)?.hash ?? '' }
    expect(await judgeRecord({ ...unsigned, rows, head }, undefined, [])).toMatchObject({
      verdict: 'unanchored',
      ranges: [{ state: 'unanchored', from: 1, to: rows.length }],
      problems: [],
    })
  })

  test.each([
    ['a head', { head: { ...record.head, count: MOST } }, []],
    ['an anchor', {}, [`ctxlock.local/other\n${MOST}\n${Buffer.alloc(32).toString('base64')}\n\n— other AAAAAAA=\n`]],
  ])('%s that says there are more events than can be counted', async (_, changed, kept) => {
    expect(await judge(changed, kept)).toMatchObject({
      verdict: 'broken',
      ranges: [
        { state: 'unanchored', from: 1, to: last },
        { state: 'missing', from: last + 1, to: MOST },
      ],
    })
  })

  test('an event that says it is the last of so many, and orders them all to be erased', async () => {
    const text = JSON.stringify({
      payload: { events: [{ from: 1, to: MOST }], runs: [] },
      seq: MOST,
      type: 'erasure_ordered',
    })
    const rows = [...record.rows, { seq: MOST, text, hash: hashOfText(text) }]
    const head = { count: MOST, lastHash: hashOfText(text) }
    expect(await judgeRecord({ ...unsigned, rows, head }, undefined, [])).toMatchObject({
      verdict: 'broken',
      ranges: [
        { state: 'unanchored', from: 1, to: last },
        { state: 'broken', from: last + 1, to: MOST - 1 },
        { state: 'unanchored', from: MOST, to: MOST },
      ],
      erased: 0,
    })
  })

  function longLog(size: number): StoredRecord['rows'] {
    const rows: StoredRecord['rows'][number][] = []
    let before = '0'.repeat(64)
    for (let seq = 1; seq <= size; seq += 1) {
      const text = JSON.stringify({ payload: {}, prev_hash: before, seq, type: 'status_line' })
      before = hashOfText(text)
      rows.push({ seq, text, hash: before })
    }
    return rows
  }
})

describe('a proof', () => {
  test('holds with the key of its log, and shows the event', async () => {
    expect(await judgeProof(vector.proof, vector.public_key)).toEqual({ holds: true, event: record.rows[4]?.text })
  })

  test('with any byte changed does not hold', async () => {
    let held = 0
    for (let at = 0; at < vector.proof.length; at += 1) {
      const other = vector.proof[at] === 'A' ? 'B' : 'A'
      const changed = vector.proof.slice(0, at) + other + vector.proof.slice(at + 1)
      const { holds, event } = await judgeProof(changed, vector.public_key)
      // Some base64 has two spellings of one value; what is proved must stay the same.
      if (holds) expect(event).toBe(record.rows[4]?.text)
      if (holds) held += 1
    }
    expect(held).toBeLessThan(4)
  })

  test('does not hold with another key, and a key that is none is refused', async () => {
    const name = vector.public_key.split('+')[0] ?? ''
    const raw = Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    const key = Buffer.concat([Buffer.of(1), raw])
    const id = createHash('sha256').update(`${name}\n`).update(key).digest('hex').slice(0, 8)
    expect((await judgeProof(vector.proof, `${name}+${id}+${key.toString('base64')}`)).holds).toBe(false)
    await expect(judgeProof(vector.proof, 'none')).rejects.toThrow('Expected a public key')
  })
})
