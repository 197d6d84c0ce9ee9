import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { linesOf } from './chunks.ts'
import { namesOfChunks } from './chunk-names.ts'
import { definitionsIn } from './definitions.ts'

const namesIn = (text: string) => definitionsIn(linesOf(text)).map(({ name }) => name)

describe('definitionsIn', () => {
  test.each([
    ['export async function loadDepot(path) {', ['loadDepot']],
    ['export default class Depot extends Box {', ['Depot']],
    ['  interface Parcel<T> {', ['Parcel']],
    ['    async def weigh(self):', ['weigh']],
    ['func (d *Depot) Weigh(p Parcel) error {', ['Weigh']],
    ['pub(crate) unsafe fn weigh<T>(p: &T) {', ['weigh']],
    ['public abstract class Größe : Box {', ['Größe']],
    ['const capacity = 4', ['capacity']],
    ['  const local = 4', []],
    ['// class of parcels', []],
    ['return function () {}', []],
    ['the class of parcels', []],
    ['if (x) {', []],
  ])('%j defines %j', (line, names) => {
    expect(namesIn(line)).toEqual(names)
  })

  test('a comment above belongs to its definition, which reaches to the next of its kind', () => {
    const text = [
      'import x',
      '',
      '/** A depot. */',
      'class Depot {',
      '  // Weighs it.',
      '  function weigh() {',
      '  }',
      '}',
      '@cached',
      'def send():',
      '  pass',
    ].join('\n')
    expect(definitionsIn(linesOf(text))).toEqual([
      { name: 'Depot', start: 3, end: 8 },
      { name: 'weigh', start: 5, end: 8 },
      { name: 'send', start: 9, end: 11 },
    ])
  })

  test('any lines give ranges inside the file, in order; long lines and long runs of comments cost no more', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('class A {', '  def b', '// c', '', `fn ${'x'.repeat(5000)}`, 'export '.repeat(1000)),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        let before = 1
        for (const { start, end } of definitionsIn(lines)) {
          expect(start).toBeGreaterThanOrEqual(before)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThanOrEqual(lines.length)
          before = start
        }
      }),
      { seed: 20261121, numRuns: 300 },
    )
    const hostile = [...Array.from({ length: 100_000 }, () => '// c'), ...Array.from({ length: 100_000 }, () => 'fn a')]
    expect(definitionsIn(hostile)).toHaveLength(100_000)
  })
})

describe('namesOfChunks', () => {
  test('a chunk has the names of all symbols it overlaps, however they are ordered', () => {
    const chunks = [
      { start: 1, end: 10 },
      { start: 11, end: 20 },
      { start: 21, end: 30 },
    ]
    const symbols = [
      { name: 'late', start: 25, end: 25 },
      { name: 'outer', start: 5, end: 22 },
      { name: 'inner', start: 12, end: 13 },
    ]
    expect(namesOfChunks(chunks, symbols)).toEqual(['outer', 'outer inner', 'outer late'])
    expect(namesOfChunks(chunks, [])).toEqual(['', '', ''])
  })
})
