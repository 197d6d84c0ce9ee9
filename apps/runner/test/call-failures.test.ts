// Each way in which a call can fail is one typed error and one FR-EVT-006, recorded before whoever asked is told (PROV-005).
import { startFakeServer, type ScriptedResponse } from '@ctxlock/plugin-api/testing'
import { expect, onTestFinished, test } from 'vitest'

import { governedCall } from '../src/governed-call/governed-call.ts'
import { startJob } from '../src/run/job.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { startModelServer } from './support/model-server.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

async function prepared(url: string, options: object = {}) {
  const config = JSON.parse(serverConfig(url))
  config.providers[0].options = { max_retries: 0, ...options }
  const session = await openedSession(
    makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(config) }),
  )
  return { session, subject: questionSubject('How is the checksum of a box computed?', [], session.config) }
}

/** A server that has the model and answers each call like this. */
async function answering(response: ScriptedResponse) {
  const models = { status: 200, body: [{ bytes: JSON.stringify({ object: 'list', data: [{ id: 'm1' }] }) }] }
  const server = await startFakeServer(({ path }) => (path.endsWith('/models') ? models : response))
  onTestFinished(() => server.close())
  return server.origin
}

test.each<[string, ScriptedResponse, string]>([
  ['a rate limit', { status: 429 }, 'rate_limited'],
  ['an error of the server', { status: 500 }, 'server_error'],
  ['a body that is no JSON', { status: 200, headers: JSON_TYPE, body: [{ bytes: 'It is SHA-256.' }] }, 'protocol'],
  ['a body without an answer', { status: 200, headers: JSON_TYPE, body: [{ bytes: '{"choices":[]}' }] }, 'protocol'],
  ['no answer in time', { status: 200, silent: true }, 'timeout'],
])('T-X-PROV-07: %s', async (_, response, code) => {
  const { session, subject } = await prepared(await answering(response), { timeouts: { total_ms: 1000 } })
  const { failure, answer } = await callIn(session, subject)
  expect([failure?.code, answer]).toEqual([code, ''])
  expect(recorded(session, 'llm_inference').map(({ payload }) => payload.error_code)).toEqual([code])
})

test('T-X-PROV-07: a call that is given up while its server thinks', async () => {
  const { session, subject } = await prepared(await answering({ status: 200, silent: true }))
  const stop = new AbortController()
  const { failure } = await callIn(session, subject, {
    signal: stop.signal,
    onIntent: () => setTimeout(() => stop.abort(), 50),
  })
  expect(failure?.code).toBe('aborted')
  expect(recorded(session, 'llm_inference').map(({ payload }) => payload.error_code)).toEqual(['aborted'])
})

test('T-X-PROV-07: a nil trace id, under which nothing could be recorded, sends nothing', async () => {
  const server = await startChatServer()
  const { session, subject } = await prepared(server.url)
  const ids = {
    ...startJob(session, '0'.repeat(64)),
    runId: 'run-1',
    sessionId: 'session-1',
    stepId: 'MT-001_iter-001',
    traceId: '00000000-0000-0000-0000-000000000000',
    callId: session.environment.random.uuid(),
  }
  const options = { stream: false, maxTokens: undefined, signal: new AbortController().signal }
  await expect(governedCall(session, subject, ids, options)).rejects.toMatchObject({ code: 'HSK-400-INVALID-EVENT' })
  expect(server.bodies).toEqual([])
})

test('T-X-PROV-06: an answer of 999 tokens where 10 were allowed is withheld, and on record with its count', async () => {
  const usage = { prompt_tokens: 7, completion_tokens: 999, total_tokens: 1006 }
  const server = await startChatServer({ usage, reply: () => 'It is SHA-256.' })
  const { session, subject } = await prepared(server.url)
  const { failure, answer, result } = await callIn(session, subject, { maxTokens: 10 })
  expect([failure?.code, answer, result]).toEqual(['budget_exceeded', '', undefined])
  expect(failure?.message).toContain('999')
  expect(recorded(session, 'llm_inference').map(({ payload }) => payload)).toMatchObject([
    { error_code: 'budget_exceeded', token_usage: { completion_tokens: 999 } },
  ])
})

test('an answer whose prompt or end the server cut, by its own counts, has issues, and the log says which prompt', async () => {
  const outcomeOf = async (prompt_tokens: number, completion_tokens: number) => {
    const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
    const { session, subject } = await prepared((await startChatServer({ usage })).url)
    const { outcome } = await callIn(session, subject, { maxTokens: 64 })
    return [outcome, recorded(session, 'call_settled')[0]?.payload.truncated_by_provider]
  }
  expect(await outcomeOf(900, 63)).toEqual(['accepted', undefined])
  expect(await outcomeOf(900, 64)).toEqual(['accepted_with_issues', undefined])
  expect(await outcomeOf(9, 63)).toEqual(['accepted_with_issues', true])
})

test('the digest of the weights is on record with a call', async () => {
  const server = await startModelServer('ollama', { m1: 1 })
  onTestFinished(() => server.close())
  const config = JSON.parse(serverConfig(server.origin))
  config.providers[0] = { ...config.providers[0], kind: 'ollama', base_url: server.origin, secret_ref: null }
  const session = await openedSession(
    makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(config) }),
  )
  await callIn(session, questionSubject('How is the checksum of a box computed?', [], session.config))
  expect(recorded(session, 'llm_inference')[0]?.payload.model_digest).toBe('d'.repeat(64))
})
