// The bundles are those the recorder's tests write; the attacks are the same, judged by other code.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { judgeBundle } from './index.ts'

const SEED = 20261122
const vector: { public_key: string; none: string; names: string; all: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../vectors/transparency-log/bundles.json'), 'utf8'),
)
const judge = (text: string, key = vector.public_key) => judgeBundle(Buffer.from(text), key)

test.each(['none', 'names', 'all'] as const)('a bundle with redaction %s holds', async (redaction) => {
  expect(await judge(vector[redaction])).toEqual({
    holds: true,
    problems: [],
    run: JSON.parse(vector.none.split('\n')[0] ?? '').run_id,
    state: redaction === 'all' ? 'untold' : 'complete',
    proved: 14,
    size: 26,
  })
})

test('an object that was erased is told, and is no event that somebody took away', async () => {
  const lines = vector.none.split('\n').map((line) => {
    const { kind, content_hash } = line === '' ? {} : JSON.parse(line)
    return kind === 'object' ? JSON.stringify({ content_hash, kind, left_out: 'erased' }) : line
  })
  expect(lines.join('\n')).toContain('"left_out":"erased"')
  const { problems } = await judge(lines.join('\n'))
  expect(problems).toEqual([`line ${lines.length - 1}: does not seal the lines before it`])
})

describe('a changed bundle does not hold', () => {
  test('whatever byte is changed, and whatever line is dropped, doubled, swapped or taken from another', async () => {
    const bytes = Buffer.from(vector.none)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(bytes)
        changed[at] = ((changed[at] ?? 0) + by) % 256
        expect((await judgeBundle(changed, vector.public_key)).holds).toBe(false)
      }),
      { seed: SEED, numRuns: 150 },
    )
    const lines = vector.none.split('\n').slice(0, -1)
    const others = vector.all.split('\n')
    for (const [at, line] of lines.entries()) {
      const dropped = lines.toSpliced(at, 1)
      const doubled = lines.toSpliced(at, 0, line)
      const swapped = lines.toSpliced(at, 2, lines[at + 1] ?? '', line)
      for (const changed of [dropped, doubled, swapped])
        expect((await judge(`${changed.join('\n')}\n`)).holds).toBe(false)
      if (others[at] !== line)
        expect((await judge(`${lines.with(at, others[at] ?? '').join('\n')}\n`)).holds).toBe(false)
    }
  })

  test.each([
    ['nothing at all', ''],
    ['no JSON', 'x\n'],
    ['an array', '[]\n'],
  ])('%s', async (_, text) => expect((await judge(text)).holds).toBe(false))

  const [deep, long] = ['['.repeat(20_000) + ']'.repeat(20_000), '='.repeat(1_000_000)]
  test.each([
    ['more containers in each other than a stack holds', `{"kind":"event","shown":${deep}}`],
    ['objects where texts are expected', '{"kind":"checkpoint","note":{"toString":1,"valueOf":1}}'],
    ['an object for a kind', '{"kind":{"toString":1,"valueOf":1}}'],
    ['objects for hashes', '{"event_hash":{"toString":1},"inclusion":[{"toString":1}],"kind":"event","seq":1}'],
    ['an object for a place', '{"kind":"event","left_out":"erased","seq":{"valueOf":1,"toString":1}}'],
    ['bytes of a million padding characters', `{"bytes":"${long}x","kind":"object"}`],
  ])('a line of %s', async (_, line) => {
    const [head = '', ...rest] = vector.none.split('\n')
    const { holds, problems } = await judge([head, line, ...rest].join('\n'))
    expect([holds, problems.length > 0]).toEqual([false, true])
  })

  test('and a key of another log is refused, or no key at all', async () => {
    const [name = ''] = vector.public_key.split('+')
    const notes = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../vectors/transparency-log/notes.json'), 'utf8'),
    )
    expect((await judge(vector.none, notes.notes[0].key)).holds).toBe(false)
    await expect(judge(vector.none, name)).rejects.toThrow('public key')
  })
})
