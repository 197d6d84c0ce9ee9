import { expect, test } from 'vitest'

import { seededRandom } from './generated-files/random.ts'
import { measure } from './leakage.ts'
import { mayLeave } from './leakage/oracle.ts'
import { randomGraph, type Item, type Link, type ReferenceGraph } from './leakage/random-graph.ts'

test('the guard and the oracle agree, and both outcomes occur', async () => {
  const { graphs, harmless, leaks, false_blocks } = await measure(['--graphs', '300', '--seed', '20261121'])
  expect({ graphs, leaks, false_blocks }).toEqual({ graphs: 300, leaks: 0, false_blocks: 0 })
  expect(harmless).toBeGreaterThan(75)
  expect(harmless).toBeLessThan(225)
})

test('one seed makes one graph', () => {
  expect(randomGraph(seededRandom(7))).toEqual(randomGraph(seededRandom(7)))
})

const link = (to: number): Link => ({ to, classification: 'low', exportable: true, isDisguised: false })
const file: Item = {
  name: 'x',
  version: 0,
  shape: 'file',
  classification: 'low',
  exportable: true,
  damage: null,
  members: [],
  lineage: [],
}
const graphOf = (...items: Item[]): ReferenceGraph => ({
  tier: 'cloud',
  items,
  roots: [{ ...link(0), place: 'snapshot' }],
  block: null,
})
const bundle = (count: number, to: number): Item => ({
  ...file,
  shape: 'bundle',
  members: Array.from({ length: count }, () => link(to)),
})
const chain = (length: number): Item[] =>
  Array.from({ length }, (_, index) => (index === length - 1 ? file : bundle(1, index + 1)))

test('the oracle knows the rules without the guard', () => {
  expect(mayLeave(graphOf(file))).toBe(true)
  expect(mayLeave(graphOf({ ...file, classification: 'high' }))).toBe(false)
  expect(mayLeave(graphOf({ ...file, exportable: 'true' }))).toBe(false)
  expect(mayLeave(graphOf(bundle(2, 1), { ...file, exportable: false }))).toBe(false)
  expect(mayLeave(graphOf({ ...file, lineage: [link(0)] }))).toBe(false)
  expect([mayLeave(graphOf(...chain(32))), mayLeave(graphOf(...chain(33)))]).toEqual([true, false])
  expect([mayLeave(graphOf(bundle(10_000, 1), file)), mayLeave(graphOf(bundle(10_001, 1), file))]).toEqual([
    true,
    false,
  ])
  const block = { sensitivity: 'low', isCompacted: true, isStable: true }
  expect(mayLeave({ ...graphOf(file), block })).toBe(false)
  expect(mayLeave({ ...graphOf({ ...file, classification: 'high' }), tier: 'local' })).toBe(true)
})

test('wrong options are one clear error', async () => {
  await expect(measure(['--graphs', '0'])).rejects.toThrow(/^Expected --graphs/)
  await expect(measure(['--seed', 'x'])).rejects.toThrow(/^Expected --graphs/)
})
