// Each section of an iteration's prompt has its budget (spec 08 section 5): what is cut is said, rules and definition never are.
import { join } from 'node:path'

import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { queryEvents } from '@ctxlock/flight-recorder'
import { expect, test } from 'vitest'

import { openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace } from './support/workspace.ts'

const RULE = 'Every answer MUST quote what it says.'

function workspace(url: string, task: object): string {
  const config = JSON.parse(ollamaConfig(url, ['small:1b'], { max_total_iterations: 2 }))
  return makeWorkspace({
    'AGENTS.md': `# Rules\n\n- ${RULE}\n`,
    'src/values.mjs': `${Array.from({ length: 400 }, (_, index) => `export const value${index} = ${index}`).join('\n')}\n`,
    'task.json': JSON.stringify({
      schema_version: 'ctxlock.task@1',
      goal: 'Say what value 117 is.',
      scope: ['src/'],
      done: ['It is said.'],
      expected_output: 'structured_answer',
      files: { read: ['src/values.mjs'] },
      ...task,
    }),
    'ctxlock.config.json': JSON.stringify({ ...config, rules: { files: ['AGENTS.md'] } }),
  })
}

async function iterationsOf(cwd: string) {
  const session = await openedSession(cwd)
  try {
    const { events } = queryEvents(session.state.database, { type: 'micro_task_iteration_complete' }, { limit: 100 })
    return events.flatMap((event) => (event.type === 'micro_task_iteration_complete' ? [event.payload.outcome] : []))
  } finally {
    await session.close()
  }
}

test('a long last answer is cut to its share, and the cut is said to model and person', async () => {
  const lie = '\nsrc/values.mjs:1-1\n> no such line\n\n'
  const server = await startOllamaServer(['small:1b'], () => `begins ${'so '.repeat(2000)}${lie}ends`)
  const cwd = workspace(server.url, {})
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(4)
  const [first = '', second = ''] = server.requests.map(({ prompt }) => prompt)
  expect(first).not.toContain('[… cut')
  expect(second).toMatch(/begins so [^]*\n\[… cut: 200 of 15\d\d tokens are shown …\]\n[^]*ends/)
  expect((await ctxlockHere(['why', 'last'], cwd)).stdout).toContain('warning: section_cut:previous_output')
  for (const prompt of [first, second]) {
    expect(prompt).toContain(RULE)
    expect(codePointsPerFour.count(prompt)).toBeLessThanOrEqual(4096)
  }
})

test('a definition that leaves no room for files is not sent: the iteration fails as context_overflow (MT-020)', async () => {
  const server = await startOllamaServer(['small:1b'], () => 'asked in spite of it')
  const actions = Array.from({ length: 10 }, (_, index) => `${index} ${'word '.repeat(38)}`)
  const cwd = workspace(server.url, { token_budget: 512, actions })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(4)
  expect(server.requests).toEqual([])
  expect((await iterationsOf(cwd)).map(({ failure_category }) => failure_category)).toEqual([
    'context_overflow',
    'context_overflow',
  ])
  expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
})

test('a long definition with room enough is sent whole, with a warning', async () => {
  const server = await startOllamaServer(['small:1b'], () => 'src/values.mjs:118-118\n> export const value117 = 117\n')
  const actions = Array.from({ length: 10 }, (_, index) => `${index} ${'word '.repeat(38)}`.trim())
  const cwd = workspace(server.url, { actions })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(0)
  for (const action of actions) expect(server.requests[0]?.prompt).toContain(action)
  expect(run.stdout).toMatch(/warning {4}definition_over_budget:\d+/)
})
