import fc from 'fast-check'
import { expect, test } from 'vitest'

import { executionWaves } from './execution-waves.ts'

fc.configureGlobal({ seed: 20261120 })

const node = (mt_id: string, ...depends_on: string[]) => ({ mt_id, depends_on })

test('levels, sorted inside a level', () => {
  const nodes = [node('d', 'b', 'c'), node('c', 'a'), node('b', 'a', 'a'), node('a'), node('e')]
  expect(executionWaves(nodes)).toEqual({ waves: [['a', 'e'], ['b', 'c'], ['d']], cyclic: [] })
})

test('a circle, and what waits behind it', () => {
  const nodes = [node('a', 'b'), node('b', 'a'), node('c', 'b'), node('d'), node('e', 'e')]
  expect(executionWaves(nodes)).toEqual({ waves: [['d']], cyclic: ['a', 'b', 'c', 'e'] })
})

test('nobody runs before what it depends on, and nobody is lost', () => {
  const graph = fc
    .array(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), { minLength: 1, maxLength: 10 })
    .map((rows) => rows.map((needs, index) => node(`n${index}`, ...needs.map((need) => `n${need}`))))
  fc.assert(
    fc.property(graph, (nodes) => {
      const { waves, cyclic } = executionWaves(nodes)
      const level = new Map(waves.flatMap((wave, index) => wave.map((id) => [id, index] as const)))
      expect([...level.keys(), ...cyclic].sort()).toEqual(nodes.map(({ mt_id }) => mt_id).sort())
      for (const { mt_id, depends_on } of nodes) {
        const own = level.get(mt_id)
        const known = depends_on.filter((id) => nodes.some((other) => other.mt_id === id))
        if (own === undefined) expect(known.some((id) => cyclic.includes(id))).toBe(true)
        else for (const id of known) expect(level.get(id)).toBeLessThan(own)
      }
    }),
    { numRuns: 1000 },
  )
})
