import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measure } from './anchors.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'measure-anchors-'))
})
afterAll(() => rm(folder, { recursive: true }))

const MODULE = `// Adds.
export function add(a: number, b: number) {
  return a + b
}

export class Ledger {
  post() {}
}
`

test('counts per language what both sides agree on, and leaves out what the oracle cannot read', async () => {
  await writeFile(join(folder, 'a.ts'), MODULE)
  await writeFile(join(folder, 'broken.ts'), 'export class {{{')
  await writeFile(join(folder, 'b.js'), 'exports.run = () => 1\n')
  const { languages } = await measure(['--files', folder, '--rounds', '1'])
  expect(Object.keys(languages)).toEqual(['TypeScript', 'JavaScript'])
  expect(languages['TypeScript']).toMatchObject({
    files: 1,
    not_judged: 1,
    refused: 0,
    symbols: 3,
    f1: 1,
    exact_end: 1,
  })
  expect(languages['JavaScript']).toMatchObject({ files: 1, symbols: 1, precision: 1, recall: 1 })
})

test('a missing option or file is one clear error', async () => {
  await expect(measure([])).rejects.toThrow(/^Expected --files/)
  await expect(measure(['--files', join(folder, 'missing')])).rejects.toThrow(/^Expected --files to name/)
})
