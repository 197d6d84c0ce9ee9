// MT-052: what a role was not granted is refused at creation, before a call and before edits and commands, and is on record (T-MT-07).
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { queryEvents } from '@ctxlock/flight-recorder'
import { expect, test } from 'vitest'

import { openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const READING = ['artifact.read', 'artifact.write', 'fs.read']
const PATCH = {
  schema_version: 'ctxlock.task@1',
  goal: 'Say it better.',
  scope: ['src/'],
  files: { modify: ['src/depot.ts'] },
  done: ['It is said better.'],
  verify: ['node -v'],
  expected_output: 'patch',
}

function config(url: string, capabilities: readonly string[] | undefined, policy: object = {}): string {
  const base = JSON.parse(ollamaConfig(url, ['small:1b'], { max_total_iterations: 1, ...policy }))
  const role = { role_id: 'worker', runtime_role: 'worker', ...(capabilities && { capabilities }) }
  return JSON.stringify({ ...base, roles: [role] })
}

async function workspace(capabilities: readonly string[] | undefined, task: object = PATCH, answer = 'still working') {
  const server = await startOllamaServer(['small:1b'], () => answer)
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'task.json': JSON.stringify(task),
    'ctxlock.config.json': config(server.url, capabilities),
  })
  return { cwd, server, run: () => ctxlockHere(['run', join(cwd, 'task.json'), '--allow-unsandboxed'], cwd) }
}

async function violationsIn(cwd: string) {
  const session = await openedSession(cwd)
  try {
    const { events } = queryEvents(session.state.database, { type: 'security_violation' }, { limit: 100 })
    return events.flatMap((event) => (event.type === 'security_violation' ? [event.payload] : []))
  } finally {
    await session.close()
  }
}

test.each([
  ['fs.write', [...READING, 'proc.exec']],
  ['proc.exec', [...READING, 'fs.write']],
  ['fs.read', ['artifact.read', 'artifact.write', 'fs.write', 'proc.exec']],
])('a role without %s is refused at creation: no call, no command, job failed, on record', async (missing, granted) => {
  const { cwd, server, run } = await workspace(granted)
  const refused = await run()
  expect([refused.code, refused.error?.code]).toEqual([8, 'CAPABILITY_MISSING'])
  expect(refused.stderr).toContain(missing)
  expect(server.requests).toEqual([])
  expect(await violationsIn(cwd)).toMatchObject([
    { violation_type: 'capability_violation', error_code: 'CAPABILITY_MISSING', job_state_to: 'failed' },
  ])
})

test('a question needs to read, and nothing else', async () => {
  const { cwd } = await workspace(['artifact.read', 'artifact.write'])
  expect((await ctxlockHere(['ask', 'What is a depot?'], cwd)).error?.code).toBe('CAPABILITY_MISSING')
})

test('what a role had when it was asked is not enough once it is taken away', async () => {
  const { cwd, server, run } = await workspace(undefined)
  expect((await run()).code).toBe(4)
  writeFileSync(join(cwd, 'ctxlock.config.json'), config(server.url, [...READING, 'fs.write']))
  await ctxlockHere(['continue', 'last'], cwd)
  const again = await ctxlockHere(['resume', 'last'], cwd)
  expect([again.code, again.error?.code]).toEqual([8, 'CAPABILITY_MISSING'])
  expect(server.requests).toHaveLength(1)
})

test('an edit outside of the task is a violation on record; the attempt failed, nothing was written', async () => {
  const edit = '<mt_file path="../outside.ts">\nexport {}\n</mt_file>\n'
  const { cwd, run } = await workspace(undefined, PATCH, edit)
  expect((await run()).code).toBe(4)
  expect(await violationsIn(cwd)).toMatchObject([{ violation_type: 'capability_violation', action_taken: 'blocked' }])
})

test.each(['curl http://localhost', 'node -v && rm x', 'git reset --hard'])(
  'the command %s fails the job, on record',
  async (command) => {
    const { cwd, server, run } = await workspace(undefined, { ...PATCH, verify: [command] })
    const refused = await run()
    expect(refused.code, refused.stderr).toBe(8)
    expect(server.requests).toEqual([])
    expect(await violationsIn(cwd)).toMatchObject([{ violation_type: 'capability_violation', job_state_to: 'failed' }])
  },
)
