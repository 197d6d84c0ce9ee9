// Every call has a conversation of its own on record, and its state follows from the events (MT-068).
import { join } from 'node:path'

import { beforeEach, expect, test, vi } from 'vitest'

import { startChatServer, serverConfig } from './support/chat-server.ts'
import { Json } from './support/ctxlock.ts'
import { escalatingWorkspace, FAR, NEAR } from './support/escalating-workspace.ts'
import { ctxlockHere } from './support/in-process.ts'
import { recordedEvents } from './support/recorded.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

beforeEach(() => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  return () => vi.unstubAllEnvs()
})

/** The way of each session by its events, in order of their beginning; each change begins where the last one ended. */
function waysOf(cwd: string): string[] {
  const ways = new Map<string, string[]>()
  let underWay: string | undefined
  for (const event of recordedEvents(cwd)) {
    const session = event.model_session_id ?? ''
    if (event.type === 'call_intent') underWay = session
    if (event.type === 'session.created') ways.set(event.payload.session_id, ['CREATED'])
    if (event.type !== 'session.state_change') continue
    const { session_id, from_state, to_state } = event.payload
    const way = ways.get(session_id)
    expect([session_id, from_state]).toEqual([session, way?.at(-1)])
    if (to_state === 'ACTIVE' || from_state === 'ACTIVE') expect(underWay).toBe(session_id)
    way?.push(to_state)
  }
  return [...ways.values()].map((way) => way.join(' '))
}

test('iterations have one each; that of a child is blocked while its consent is awaited, and names receipt and parent', async () => {
  const { cwd } = await escalatingWorkspace()
  const here = (...args: readonly string[]) => ctxlockHere(args, cwd)
  const { error } = await here('run', join(cwd, 'task.json'))
  const details = new Json(error?.details)
  const once = 'CREATED ACTIVE COMPLETED'
  expect(waysOf(cwd)).toEqual([once, once, 'CREATED BLOCKED'])

  const [request, hash] = [details.at('request_id').text, details.at('payload_sha256').text]
  const approved = await here('consent', 'approve', request, '--hash', hash, '--json')
  expect((await here('resume', 'last')).code).toBe(0)
  expect(waysOf(cwd)).toEqual([once, once, 'CREATED BLOCKED ACTIVE COMPLETED'])

  const status = await here('status', 'last', '--json')
  const sessions = new Json(JSON.parse(status.stdout)).at('model_sessions').items
  expect(sessions.map((each) => [each.at('model_id').text, each.at('spawn_depth').raw, each.at('state').text])).toEqual(
    [
      [NEAR, 0, 'COMPLETED'],
      [NEAR, 0, 'COMPLETED'],
      [FAR, 1, 'COMPLETED'],
    ],
  )
  const receipt = new Json(JSON.parse(approved.stdout)).at('receipt', 'consent_receipt_id').text
  expect(sessions.map((each) => each.at('consent_receipt_id').raw)).toEqual([null, null, receipt])
  expect((await here('status', 'last')).stdout).toMatch(/^session {4}\S{8} MT-001 completed, m1 \(cloud\), 15 tokens$/m)
  const shown = new Json(JSON.parse((await here('show', 'last', '--json')).stdout))
  expect(shown.at('model_session', 'session_id').text).toBe(sessions[2]?.at('session_id').text)
})

test('a denied one is cancelled, one whose call is refused or fails has failed, for good', async () => {
  const denied = await escalatingWorkspace()
  const { error } = await ctxlockHere(['run', join(denied.cwd, 'task.json')], denied.cwd)
  await ctxlockHere(['consent', 'deny', new Json(error?.details).at('request_id').text], denied.cwd)
  await ctxlockHere(['resume', 'last'], denied.cwd)
  expect(waysOf(denied.cwd).at(-1)).toBe('CREATED BLOCKED CANCELLED')

  const server = await startChatServer({ status: 401 })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  expect((await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)).code).toBe(5)
  expect(waysOf(cwd)).toEqual(['CREATED ACTIVE FAILED'])
})
