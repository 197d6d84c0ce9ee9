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
    ['a run with another number of events', { rows: record.rows.filter(({ seq }) => seq !== 2) }, [vector.kept]],
  ])('with %s is broken', async (_, changed, kept) => {
    expect(await judge(changed, kept)).toMatchObject({ verdict: 'broken' })
    expect((await judge(changed, kept)).problems).not.toEqual([])
  })
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
