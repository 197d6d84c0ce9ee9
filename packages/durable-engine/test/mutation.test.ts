import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { MUTANTS } from './mutation/mutants.ts'
import { judgeMutant } from './mutation/mutation.ts'

/** One of each kind; all of them by `npm run measure -- engine-mutants`. */
const NAMES = [
  'a signal wakes nobody',
  'a finished step is played back under any input',
  'a result is told before it is durable',
  'the fence is not asked when something is written',
  'a cancelled run writes no end',
]

test('every mistake can be planted: its text stands once in its file, and names differ', () => {
  const source = (file: string) => readFileSync(join(import.meta.dirname, '..', 'src', file), 'utf8')
  const places = MUTANTS.map(({ name, file, find }) => [name, source(file).split(find).length - 1])
  expect(places).toEqual(MUTANTS.map(({ name }) => [name, 1]))
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})

test('the engine as it is passes', async () => {
  expect(await judgeMutant(undefined, 20)).toMatchObject({ caught: false, cases: 0, seed: null })
})

test.each(NAMES)('the planted mistake is caught: %s', async (name) => {
  const mutant = MUTANTS.find((each) => each.name === name)
  expect(mutant).toBeDefined()
  expect(await judgeMutant(mutant, 100)).toMatchObject({ mutant: name, caught: true })
})
