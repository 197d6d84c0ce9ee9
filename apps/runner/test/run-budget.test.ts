// The tokens of a run through the runner: set aside before a call, settled by what its server says it cost.
import { join } from 'node:path'

import { costState, reserveTokens, tokenBudgetState } from '@ctxlock/governance'
import { describe, expect, test } from 'vitest'

import { asCommandError } from '../src/failure/failure.ts'
import { openRunBudget } from '../src/governed-call/budget/run-budget.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import { serverConfig, startChatServer, type ChatServerOptions } from './support/chat-server.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

// What one call sets aside: its whole prompt, and an answer as long as the token budget of its micro-task.
const ONE_CALL = 4200 + 4096
const MOST_COST = 4200 + 10 * 4096
const LIMIT = 20 * 4096

async function prepared(options: ChatServerOptions = {}) {
  const server = await startChatServer(options)
  const config = JSON.parse(serverConfig(server.url))
  // One micro-dollar for a token of the prompt, ten for one of the answer.
  const price = { input_usd_per_million: 1, output_usd_per_million: 10 }
  config.providers[0].models = [{ model_id: 'm1', price }]
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(config) })
  const session = await openedSession(root)
  const subject = questionSubject('How is the checksum of a box computed?', [], session.config)
  const budget = openRunBudget(session, { runId: 'run-1', jobId: 'job-1' }, [subject])
  const { database } = session.state
  const state = () => tokenBudgetState(database, 'run-1')
  return { server, session, subject, budget, state, cost: () => costState(database, 'run-1') }
}

describe('the budget of a run', () => {
  test('is charged what a call cost, by the counts of its server', async () => {
    const { session, subject, budget, state } = await prepared()
    const { result } = await callIn(session, subject, { budget })
    expect(result?.usage.totalTokens).toBeGreaterThan(0)
    expect(state()).toEqual({
      limit: LIMIT,
      spent: result?.usage.totalTokens,
      reserved: 0,
      remaining: LIMIT - (result?.usage.totalTokens ?? 0),
    })
  })

  test('is charged all that was set aside when nobody says what a call cost', async () => {
    const { session, subject, budget, state } = await prepared({ status: 400 })
    const { failure } = await callIn(session, subject, { budget })
    expect(failure).toMatchObject({ code: 'invalid_request', attempts: 1 })
    expect(state()).toMatchObject({ spent: ONE_CALL, reserved: 0 })
  })

  test.each([
    ['a total below its counts', { prompt_tokens: 1500, completion_tokens: 300, total_tokens: 0 }, 300],
    ['no total', { prompt_tokens: 1500, completion_tokens: 300 }, 300],
    ['a total above its counts', { prompt_tokens: 1500, completion_tokens: 300, total_tokens: 1900 }, 400],
  ])('is charged no less than its server counted, which says %s', async (_, usage, written) => {
    const { session, subject, budget, state, cost } = await prepared({ usage })
    expect((await callIn(session, subject, { budget })).failure).toBeUndefined()
    expect(state()).toMatchObject({ spent: 1500 + written, reserved: 0 })
    expect(cost()).toMatchObject({ known: 1500 + 10 * written, unknown_calls: 0 })
    expect(recorded(session, 'metric.accuracy_warning')).toEqual([])
    const tokens = recorded(session, 'llm_inference').map(({ payload }) => payload.token_usage.total_tokens)
    expect([...tokens, ...recorded(session, 'session.completed').map(({ payload }) => payload.total_tokens)]).toEqual([
      1800, 1800,
    ])
  })

  test.each([
    ['nothing', null],
    ['zeros, which no call can take', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    ['a prompt only', { prompt_tokens: 12 }],
    ['a total only', { total_tokens: 12 }],
  ])('is charged all that was set aside for an answer of which its server counts %s', async (_, usage) => {
    const { session, subject, budget, state, cost } = await prepared({ usage, reply: () => 'x'.repeat(41) })
    expect((await callIn(session, subject, { budget })).failure).toBeUndefined()
    expect(state()).toMatchObject({ spent: ONE_CALL, reserved: 0 })
    expect(cost()).toMatchObject({ known: 0, unknown_calls: 1, charged: MOST_COST })
    // On record stands what the call's own counter makes of it (PROV-006).
    const [inference] = recorded(session, 'llm_inference')
    expect(inference?.payload).toMatchObject({ usage_source: 'estimated', token_usage: { completion_tokens: 11 } })
    expect(inference?.payload.token_usage.prompt_tokens).toBeGreaterThan(0)
    expect(recorded(session, 'metric.accuracy_warning').map(({ payload }) => payload)).toMatchObject([
      { counter_id: session.counter.id, model_id: 'm1' },
    ])
  })

  const text = { choices: [{ index: 0, delta: { content: 'Half an' }, finish_reason: null }] }
  const counted = (count: number) => ({
    ...text,
    usage: { prompt_tokens: count, completion_tokens: count, total_tokens: 2 * count },
  })
  test.each([
    ['zeros, and the stream is cut', [counted(0), text]],
    ['some tokens, and its server fails', [counted(7), { error: { code: 502, message: 'upstream failed' } }]],
  ])('is charged all that was set aside when the first count is of %s', async (_, events) => {
    const { session, subject, budget, state, cost } = await prepared({ events })
    expect((await callIn(session, subject, { budget, stream: true })).failure).toBeDefined()
    expect(state()).toMatchObject({ spent: ONE_CALL, reserved: 0 })
    expect(cost()).toMatchObject({ known: 0, unknown_calls: 1, charged: MOST_COST })
  })

  test('ends a call whose answer is longer than its limit by our own count, and none that may be within it', async () => {
    for (const [length, code] of [
      [4 * (2 * 10 + 16), undefined],
      [4 * (2 * 10 + 16) + 1, 'budget_exceeded'],
    ] as const) {
      const { session, subject, budget } = await prepared({ usage: null, reply: () => 'x'.repeat(length) })
      const { failure, answer } = await callIn(session, subject, { budget, maxTokens: 10 })
      expect([length, failure?.code, answer.length]).toEqual([length, code, code ? 0 : length])
    }
  })

  test('refuses a call it cannot bear before a byte leaves or anything of it is on record', async () => {
    const { server, session, subject, budget, state } = await prepared()
    const refused = await callIn(session, subject, { budget, maxTokens: LIMIT }).catch(asCommandError)
    expect(refused).toMatchObject({ code: 'budget_exceeded', exit: 8 })
    expect(server.bodies).toHaveLength(0)
    expect(recorded(session, 'llm_inference')).toEqual([])
    expect(state()).toMatchObject({ spent: 0, reserved: 0 })
  })

  test('goes on with the run: what a killed process had reserved is charged in full', async () => {
    const { session, subject, budget, state } = await prepared()
    const lost = { budget_id: 'run-1', call_id: 'lost', run_id: budget.ownerId, tokens: ONE_CALL }
    reserveTokens(session.state.database, { ...lost, now: session.timestamp() })
    expect(state()).toMatchObject({ spent: 0, reserved: ONE_CALL })
    openRunBudget(session, { runId: 'run-1', jobId: 'job-2' }, [subject])
    expect(state()).toMatchObject({ spent: ONE_CALL, reserved: 0 })
  })
})

describe('a task whose run has too few tokens left for the next call', () => {
  test('waits for a person at a gate, and goes on where they grant more (spec 08 section 11, MT-051)', async () => {
    const server = await startChatServer({ usage: null, reply: () => 'src/depot.ts:1-1\n> no such line\n' })
    const config = JSON.parse(serverConfig(server.url))
    config.providers[0].secret_ref = null
    const task = {
      schema_version: 'ctxlock.task@1',
      goal: 'How do depots accept boxes?',
      scope: ['src/'],
      done: ['It is said.'],
      expected_output: 'structured_answer',
      token_budget: 1024,
    }
    const files = { 'task.json': JSON.stringify(task), 'ctxlock.config.json': JSON.stringify(config) }
    const cwd = makeWorkspace({ ...SMALL_WORKSPACE, ...files })
    const runs = async () => JSON.parse((await ctxlockHere(['status', 'last', '--json'], cwd)).stdout)
    expect(await ctxlockHere(['run', join(cwd, 'task.json')], cwd)).toMatchObject({
      code: 4,
      error: { code: 'escalation_exhausted' },
    })
    const { run_id } = await runs()
    await loseTokens(cwd, run_id, 20 * 1024 - 2 * 2048 - 2047)

    const sent = server.bodies.length
    const refused = await ctxlockHere(['continue', 'last'], cwd)
    expect([refused.code, refused.error?.code, server.bodies.length - sent]).toEqual([4, 'token_limit', 0])
    const status = (await ctxlockHere(['status', 'last'], cwd)).stdout
    expect(status).toContain('its tokens are used up')
    expect(status).toContain(`ctxlock continue ${run_id.slice(0, 8)}`)

    // As much again as it began with: the next attempts are made.
    expect(await ctxlockHere(['continue', 'last'], cwd)).toMatchObject({
      code: 4,
      error: { code: 'escalation_exhausted' },
    })
    expect(server.bodies.length - sent).toBe(2)
    expect((await ctxlockHere(['abort', 'last'], cwd)).code).toBe(7)
    expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
    expect((await ctxlockHere(['replay', 'last'], cwd)).stdout).toMatch(/4 of 4 the same[^]*made again, the same/)
  })
})

/** What a killed process of the run had set aside. */
async function loseTokens(cwd: string, runId: string, tokens: number): Promise<void> {
  const session = await openedSession(cwd)
  try {
    const now = session.timestamp()
    reserveTokens(session.state.database, { budget_id: runId, call_id: 'lost', run_id: 'dead', tokens, now })
  } finally {
    await session.close()
  }
}
