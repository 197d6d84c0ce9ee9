// Questions take turns too, and what a provider said to one call holds for those of every other process (MT-062, MT-063).
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test, vi } from 'vitest'

import { openCallTurns } from '../src/executor/call-turns.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { ctxlock } from './support/ctxlock.ts'
import { openedSession } from './support/governed-calls.ts'
import { recordedEvents } from './support/recorded.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const ENV = { CTXLOCK_TEST_KEY: 'sk-test-calls-0123456789' }
const ASK = ['ask', 'How is a checksum computed?']

test('a 429 keeps the question of another process waiting until its Retry-After is over', async () => {
  const server = await startChatServer({ status: 429, headers: { 'retry-after': '120' } })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  // Longer than a call waits by itself: the first question ends with what its provider said.
  expect((await ctxlock(ASK, { cwd, env: ENV })).code).toBe(5)
  expect(server.bodies).toHaveLength(1)

  let interrupt = (_signal: NodeJS.Signals): void => {}
  const second = ctxlock(ASK, { cwd, env: ENV, onStart: (kill) => (interrupt = kill) })
  const backoff = await vi.waitFor(() => backoffsIn(cwd)[0] ?? Promise.reject(new Error('nobody waits yet')), 30_000)
  expect(backoff).toBeGreaterThan(60_000)
  expect(backoff).toBeLessThanOrEqual(120_000)
  interrupt('SIGINT')
  expect((await second).code).not.toBe(0)
  expect(server.bodies).toHaveLength(1)
  expect((await ctxlock(['verify'], { cwd, env: ENV })).code).toBe(0)
})

test('no lock of an owner stays when the queue cannot be opened', async () => {
  const session = await openedSession(makeWorkspace(SMALL_WORKSPACE))
  session.state.database.exec('PRAGMA query_only = ON')
  expect(() => openCallTurns(session, session.config.execution.scheduler)).toThrow(/readonly/)
  expect(readdirSync(join(session.state.folder, 'owners'))).toEqual([])
})

/** What calls were told to wait, in milliseconds. */
function backoffsIn(cwd: string): number[] {
  return recordedEvents(cwd).flatMap((event) =>
    event.type === 'session_scheduler.rate_limited' ? [event.payload.backoff_ms] : [],
  )
}
