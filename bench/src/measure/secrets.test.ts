import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { measure as measurePlanted } from './planted-secrets.ts'
import { measure as measureSecrets } from './secrets.ts'
import { createPieceIndex } from './secrets/pieces.ts'

// Made up, and put together here so that no scanner of this repository takes it for a real one.
const SECRET = ['ghp_', 'q7ZkT2mVx9LpR4sWb8NcY3dF6hJ0gKq1W2'].join('')
const TEXT = `GITHUB_TOKEN=${SECRET}\nnext line`
const ROWS = [
  {
    label: 'secret',
    kind: 'github',
    form: 'env',
    tier: 'core',
    text: TEXT,
    secrets: [{ value: SECRET, start: 13, end: 51 }],
  },
  {
    label: 'secret',
    kind: 'made up',
    form: 'bare',
    tier: 'stretch',
    text: 'the word is swordfish-of-old',
    secrets: [{ value: 'swordfish-of-old', start: 12, end: 28 }],
  },
  { label: 'benign', kind: 'git', form: 'n/a', text: 'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', secrets: [] },
]

let folder = ''
let path = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'measure-secrets-'))
  path = join(folder, 'rows.jsonl')
  writeFileSync(path, ROWS.map((row) => JSON.stringify(row)).join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('counts what is missed, found in part and taken for a secret', async () => {
  expect(await measureSecrets(['--rows', path])).toEqual({
    total: { rows: 3, secrets: 2, benign: 1 },
    recall: { core: 1, all: 0.5 },
    covered: 1,
    falsePositive: 0,
  })
})

it('finds a planted text that nothing can tell from prose, and no key', { timeout: 300_000 }, async () => {
  const result = await measurePlanted(['--secrets', path, '--files', '24', '--seed', '3'])
  expect(result).toMatchObject({ rows: 3, planted: 24, leaked: 1, leaked_by_form: { bare: 1 }, false_redactions: 0 })
})

it('recognises a secret by any twelve characters of it, and a short one as a whole', () => {
  const index = createPieceIndex<string>()
  index.add(SECRET, 'long')
  index.add('hunter2', 'short')
  expect([...index.find(`xx${SECRET.slice(5, 17)}xx`)]).toEqual(['long'])
  expect([...index.find(`xx${SECRET.slice(5, 16)} hunter2`)]).toEqual(['short'])
})
