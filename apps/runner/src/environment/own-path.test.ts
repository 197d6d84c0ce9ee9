import fc from 'fast-check'
import ignore from 'ignore'
import { expect, test } from 'vitest'

import { evidenceName, KEY_SUFFIX } from './evidence-names.ts'
import { isOwnName, isOwnPath } from './own-path.ts'

const PATTERNS = [
  '.git',
  '.hg',
  '.jj',
  '.sl',
  '.svn',
  '.ctxlock',
  'ctxlock.lock',
  'ctxlock.waivers.json',
  'node_modules',
  'ctxlock.lock.*.tmp',
  'ctxlock.config.json.*.tmp',
  'ctxlock.waivers.json.*.tmp',
  '*.ctxlock.tmp',
]

test('our own names are what these gitignore patterns say', () => {
  const patterns = ignore({ ignorecase: false }).add(PATTERNS)
  const pieces = [
    '.git',
    '.svn',
    '.ctxlock',
    'ctxlock',
    '.lock',
    '.config.json',
    '.waivers.json',
    '.tmp',
    '.',
    'x',
    '12-3',
    'node_modules',
    '\n',
    'NODE',
  ]
  const name = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  const valid = name.filter((text) => text !== '.' && text !== '..')
  let own = 0
  fc.assert(
    fc.property(valid, (text) => {
      own += isOwnName(text) ? 1 : 0
      expect(isOwnName(text)).toBe(patterns.ignores(text))
    }),
    { numRuns: 3000, seed: 3, examples: PATTERNS.map((pattern): [string] => [pattern.replace('*', '7-1')]) },
  )
  expect(own).toBeGreaterThan(50)
})

test.each(['.git/config', '.hg/hgrc', 'lib/.svn/wc.db', '.JJ/repo', 'a\\.sl\\x', '.ctxlock/digest.key'])(
  'nothing reads %s, whatever leads there',
  (path) => {
    expect([path, path.replace('.', '.x')].map(isOwnPath)).toEqual([true, false])
  },
)

test('evidence that was written into the workspace is no source of it, and nothing else that is named like it', () => {
  const run = '0190a3b2-7c11-4d6e-9f00-000000000000'
  const statement = evidenceName.statement(run)
  const written = [evidenceName.report(run), evidenceName.bundle(run), statement, `${statement}${KEY_SUFFIX}`]
  for (const name of [...written, evidenceName.proof(1), evidenceName.proof(1e15)]) {
    expect([name, isOwnName(name)]).toEqual([name, true])
    for (const other of [`my-${name}`, `${name}.md`, name.replace(/[0-9a-f]+\./, 'q.')])
      expect([other, isOwnName(other)]).toEqual([other, false])
  }
})
