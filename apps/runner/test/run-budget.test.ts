// The tokens of a run through the runner: set aside before a call, settled by what its server says it cost.
import { reserveTokens, tokenBudgetState } from '@ctxlock/governance'
import { describe, expect, test } from 'vitest'

import { askSubject } from '../src/commands/ask.ts'
import { asCommandError } from '../src/failure/failure.ts'
import { openRunBudget } from '../src/governed-call/budget/run-budget.ts'
import { serverConfig, startChatServer, type ChatServerOptions } from './support/chat-server.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

// What one call sets aside: its whole prompt, and an answer as long as the token budget of its micro-task.
const ONE_CALL = 4200 + 4096
const LIMIT = 20 * 4096

async function prepared(options: ChatServerOptions = {}) {
  const server = await startChatServer(options)
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  const session = await openedSession(root)
  const subject = askSubject('How is the checksum of a box computed?', [], session.config)
  const budget = openRunBudget(session, { runId: 'run-1', jobId: 'job-1' }, [subject])
  return { server, session, subject, budget, state: () => tokenBudgetState(session.state.database, 'run-1') }
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

  test('refuses a call it cannot bear before a byte leaves or anything of it is on record', async () => {
    const { server, session, subject, budget, state } = await prepared()
    const refused = await callIn(session, subject, { budget, maxTokens: LIMIT }).catch(asCommandError)
    expect(refused).toMatchObject({ code: 'budget_exceeded' })
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
