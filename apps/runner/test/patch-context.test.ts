// Whoever is to edit a file sees it: all of it where there is room, the lines about the task where there is not.
import { expect, test } from 'vitest'

import { ctxlock } from './support/ctxlock.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace } from './support/workspace.ts'

const LINES = Array.from({ length: 120 }, (_, index) => `export const value${index} = ${index} // line ${index}`)

test('a file of 120 lines that is to be edited is shown as a whole, each line once', async () => {
  const server = await startOllamaServer(['small:1b'], () => 'still working')
  const cwd = makeWorkspace({
    'src/values.mjs': `${LINES.join('\n')}\n`,
    'task.json': JSON.stringify({
      schema_version: 'ctxlock.task@1',
      goal: 'Change value 117.',
      scope: ['src/'],
      done: ['It is changed.'],
      expected_output: 'patch',
      allowed_tools: [],
      token_budget: 6000,
      files: { modify: ['src/values.mjs'] },
      verify: ['node -v'],
    }),
    'ctxlock.config.json': ollamaConfig(server.url, ['small:1b'], { max_total_iterations: 1 }),
  })
  const run = await ctxlock(['run', 'task.json', '--allow-unsandboxed'], { cwd })
  expect(run.code, run.stderr).toBe(4)
  const shown = server.requests[0]?.prompt.split('\n').filter((line) => line.startsWith('export const value')) ?? []
  expect(shown.toSorted()).toEqual(LINES.toSorted())
}, 60_000)
