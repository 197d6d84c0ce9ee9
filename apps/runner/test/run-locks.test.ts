import { join } from 'node:path'

import { expect, test } from 'vitest'

import { lockRunFiles } from '../src/executor/run-locks.ts'
import { startJob } from '../src/run/job.ts'
import { openRunClaims } from '../src/run/run-claims.ts'
import { planTask, readTask } from '../src/tasks/task-file.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { ctxlock } from './support/ctxlock.ts'
import { openedSession } from './support/governed-calls.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const task = (file: string) =>
  JSON.stringify({
    schema_version: 'ctxlock.task@1',
    goal: 'Say it better.',
    scope: ['src/', 'docs-src/'],
    files: { modify: [file] },
    done: ['It is said better.'],
    verify: [{ command: 'true', expect: 'exit_0', timeout_ms: 5_000, blocking: true }],
    expected_output: 'patch',
  })

test('a run that waits keeps its files from other runs until it ends', async () => {
  const { url } = await startChatServer()
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'first.json': task('src/depot.ts'),
    'same.json': task('src/depot.ts'),
    'other.json': task('docs-src/transport.md'),
    'ctxlock.config.json': serverConfig(url, {
      execution: { commands: ['true'], policy: { pause_points: ['MT-001'] } },
    }),
  })
  const run = (file: string) =>
    ctxlock(['run', file, '--allow-unsandboxed'], { cwd, env: { CTXLOCK_TEST_KEY: 'sk-test-locks-0123456789' } })
  const first = await run('first.json')
  expect(first.code, first.stderr).toBe(4)
  const runId = /^run +(\S+)$/m.exec(first.stdout)?.[1] ?? ''

  const same = await run('same.json')
  expect(same.code, same.stderr).toBe(8)
  expect(same.stderr).toContain(`src/depot.ts may be changed by`)
  expect(same.stdout).toMatch(/^HSK_STATUS .* state=BLOCKED .* lock=CONFLICT .* code=CX-MM-002$/m)
  expect(same.stderr).toContain(`ctxlock cancel ${runId}`)
  expect((await run('other.json')).code).toBe(4)

  expect((await ctxlock(['cancel', runId], { cwd })).code).toBe(0)
  expect((await run('same.json')).code).toBe(4)
})

test('a run keeps its files from others before the engine knows of it, and no longer than its process is at it', async () => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': task('src/depot.ts') })
  const [first, second] = [await openedSession(cwd), await openedSession(cwd)]
  const lockFor = (session: typeof first) => {
    const runId = session.environment.random.uuid()
    const claims = openRunClaims(session)
    claims.take(runId)
    const job = startJob(session, '0'.repeat(64), [runId])
    const { subjects } = planTask(readTask(join(cwd, 'task.json')), session.config)
    return { claims, lock: () => lockRunFiles({ session, runId, ids: { runId, sessionId: runId }, job }, subjects) }
  }
  const [one, other] = [lockFor(first), lockFor(second)]
  one.lock()
  expect(() => other.lock()).toThrow(expect.objectContaining({ code: 'CX-MM-002' }))
  one.lock()
  one.claims[Symbol.dispose]()
  other.lock()
  other.claims[Symbol.dispose]()
})
