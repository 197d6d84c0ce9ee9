// What a micro-task is completed with is what was checked, also where another process completes it than the one that checked (MT-034).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace } from './support/workspace.ts'

const MODEL = 'small:1b'
const BEFORE = 'export const sum = (a, b) => a - b\n'
const AFTER = 'export const sum = (a, b) => a + b\n'
const CLAIM = '<mt_complete>\nMT_ID: MT-001\nEVIDENCE:\n- "sum is right" -> src/sum.mjs:1\n</mt_complete>\n'
const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'Make sum right.',
  scope: ['src/'],
  files: { modify: ['src/sum.mjs'] },
  done: ['sum is right'],
  // Decides nothing: a person accepts the result (MT-042).
  verify: [{ command: 'node --version', blocking: false }],
  expected_output: 'patch',
}

test.each([
  ['a whole file', `<mt_file path="src/sum.mjs">\n${AFTER}</mt_file>\n`],
  ['a diff', `<mt_diff>\n--- a/src/sum.mjs\n+++ b/src/sum.mjs\n@@ -1 +1 @@\n-${BEFORE}+${AFTER}</mt_diff>\n`],
])('%s, over a file that a person changed while the run waited, is not accepted', async (_, edit) => {
  const server = await startOllamaServer([MODEL], () => edit + CLAIM)
  const cwd = makeWorkspace({
    'src/sum.mjs': BEFORE,
    'task.json': JSON.stringify(TASK),
    'ctxlock.config.json': ollamaConfig(server.url, [MODEL]),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json'), '--allow-unsandboxed'], cwd)
  expect(run.code, run.stderr).toBe(4)
  const path = join(cwd, 'src/sum.mjs')
  const mine = '// A line of mine.\nexport const sum = 0\n'
  writeFileSync(path, mine)

  const continued = await ctxlockHere(['continue', 'last'], cwd)
  expect([continued.code, continued.error?.code], continued.stderr).toEqual([3, 'BASE_CHANGED'])
  expect(continued.stderr).toContain('src/sum.mjs changed')
  expect((await ctxlockHere(['apply', 'last'], cwd)).error?.code).toBe('PATCH_UNKNOWN')
  expect(readFileSync(path, 'utf8')).toBe(mine)

  writeFileSync(path, BEFORE)
  const resumed = await ctxlockHere(['resume', 'last'], cwd)
  expect(resumed.code, resumed.stderr).toBe(0)
  expect((await ctxlockHere(['apply', 'last'], cwd)).code).toBe(0)
  expect([readFileSync(path, 'utf8'), server.requests.length]).toEqual([AFTER, 1])
  expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
}, 60_000)
