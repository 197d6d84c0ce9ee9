// What a micro-task is completed with is what was checked, also where another process completes it than the one that checked (MT-034).
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { queryEvents } from '@ctxlock/flight-recorder'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'

import { ctxlock } from './support/ctxlock.ts'
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
])(
  '%s, over a file that a person changed while the run waited, is not accepted',
  async (_, edit) => {
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
  },
  60_000,
)

test('a check that is stopped by Ctrl-C says nothing about the answer, which is checked when the run goes on', async () => {
  const server = await startOllamaServer([MODEL], () => `<mt_file path="src/sum.mjs">\n${AFTER}</mt_file>\n${CLAIM}`)
  const cwd = makeWorkspace({
    'src/sum.mjs': BEFORE,
    'check.mjs': 'setTimeout(() => {}, 60_000)\n',
    'task.json': JSON.stringify({ ...TASK, verify: [{ command: 'node check.mjs', timeout_ms: 90_000 }] }),
    'ctxlock.config.json': ollamaConfig(server.url, [MODEL]),
  })
  let kill: (signal: NodeJS.Signals) => void = () => {}
  const running = ctxlock(['run', 'task.json', '--allow-unsandboxed'], { cwd, onStart: (given) => (kill = given) })
  await expect.poll(() => typesOf(cwd), { timeout: 20_000 }).toContain('command_planned')
  kill('SIGINT')
  const run = await running
  expect(run.code, run.stderr).toBe(130)
  expect(run.stderr).toContain('ctxlock resume')
  expect(typesOf(cwd)).not.toContain('micro_task_iteration_complete')

  writeFileSync(join(cwd, 'check.mjs'), '')
  // An answer is an edit of what its call showed.
  writeFileSync(join(cwd, 'src/sum.mjs'), `${BEFORE}// A line of mine.\n`)
  expect((await ctxlockHere(['resume', 'last'], cwd)).error?.code).toBe('BASE_CHANGED')
  writeFileSync(join(cwd, 'src/sum.mjs'), BEFORE)
  const resumed = await ctxlockHere(['resume', 'last'], cwd)
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(typesOf(cwd).filter((type) => type === 'micro_task_iteration_complete')).toHaveLength(1)
  expect(server.requests).toHaveLength(1)
}, 60_000)

function typesOf(cwd: string): string[] {
  const path = join(cwd, '.ctxlock', 'state.db')
  if (!existsSync(path)) return []
  const database = new DatabaseSync(path)
  try {
    return queryEvents(database, {}, { limit: 1000 }).events.map(({ type }) => type)
  } finally {
    database.close()
  }
}
