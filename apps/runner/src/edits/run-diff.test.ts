import { execFileSync } from 'node:child_process'

import { applyPatch } from 'diff'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { textOf } from '../../test/support/edited-run.ts'
import { temporaryFolder, writeFiles } from '../../test/support/workspace.ts'
import { runDiff } from './run-diff.ts'

const SEED = 20261122
const line = fc.constantFrom('', ' ', 'a', 'b', '-a', '+a', '@@ -1 +1 @@', '--- a/x', '\\ No newline at end of file')
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('', '\n'))
  .map(([lines, end]) => lines.join('\n') + end)

test('the diff of any two texts leads from the one to the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after)
      expect(applyPatch(before, runDiff([{ path: 'x', before, after }]))).toBe(after)
    }),
    { seed: SEED, numRuns: 1000 },
  )
})

test('git takes it, also for a file that has hardly a line in common with the one before', () => {
  const root = temporaryFolder()
  const numbered = (word: string) => Array.from({ length: 3000 }, (_, at) => `${word} ${at}\n`).join('')
  const before = { 'src/much.txt': numbered('old'), 'src/open.txt': 'one\ntwo', 'src/same.txt': 'same\n' }
  const after = { 'src/much.txt': numbered('new'), 'src/open.txt': 'one\n2\n', 'src/new.txt': 'no end' }
  writeFiles(root, before)
  const diff = runDiff(
    Object.entries(after).map(([path, changed]) => ({
      path,
      before: path === 'src/new.txt' ? undefined : textOf(root, path),
      after: changed,
    })),
  )
  execFileSync('git', ['init', '-q'], { cwd: root })
  execFileSync('git', ['apply', '-'], { cwd: root, input: diff })
  for (const [path, wanted] of Object.entries(after)) expect(textOf(root, path)).toBe(wanted)
})
