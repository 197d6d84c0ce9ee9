import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { expect, it } from 'vitest'

import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import {
  openTokenBudget,
  reserveTokens,
  settleAbandonedTokens,
  settleTokens,
  tokenBudgetState,
} from './token-budget.ts'
import type { ReservationDecision } from './token-budget.ts'

const RACERS = 5
const CONNECTIONS = 40

it('200 calls that start together cannot spend a token twice', async () => {
  using store = createDatabase()
  openTokenBudget(store.database, { budget_id: 'job-1', limit_tokens: 999, now: NOW })
  const barrier = new SharedArrayBuffer(8)
  const race = Array.from({ length: RACERS }, async (_, racer): Promise<ReservationDecision[]> => {
    const worker = new Worker(new URL('../__fixtures__/budget-racer.ts', import.meta.url), {
      workerData: { path: store.path, barrier, racers: RACERS, connections: CONNECTIONS, racer, tokens: 27, now: NOW },
    })
    const exited = once(worker, 'exit')
    const [message] = await once(worker, 'message')
    await exited
    return message
  })
  const decisions = (await Promise.all(race)).flat()
  expect(decisions).toHaveLength(RACERS * CONNECTIONS)
  expect(decisions.filter(({ granted }) => granted)).toHaveLength(37)
  expect(tokenBudgetState(store.database, 'job-1')).toEqual({ limit: 999, spent: 0, reserved: 999, remaining: 0 })
})

it('what a killed process had reserved stays reserved, and is charged in full when the next run takes over', async () => {
  using store = createDatabase()
  openTokenBudget(store.database, { budget_id: 'job-1', limit_tokens: 100, now: NOW })
  const crasher = fileURLToPath(new URL('../__fixtures__/budget-crasher.ts', import.meta.url))
  const child = spawn(process.execPath, [crasher, store.path, NOW], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  store.reopen()

  const mine = { budget_id: 'job-1', run_id: 'run-2', now: NOW }
  expect(reserveTokens(store.database, { ...mine, call_id: 'big', tokens: 61 })).toEqual({
    granted: false,
    remaining: 60,
  })
  expect(reserveTokens(store.database, { ...mine, call_id: 'small', tokens: 60 }).granted).toBe(true)
  expect(settleAbandonedTokens(store.database, mine)).toBe(1)
  expect(settleAbandonedTokens(store.database, mine)).toBe(0)
  // The answer of the killed call cannot make it cheaper afterwards.
  expect(settleTokens(store.database, { call_id: 'crashed', used_tokens: 1, now: NOW }).charged).toBe(40)
  expect(tokenBudgetState(store.database, 'job-1')).toEqual({ limit: 100, spent: 40, reserved: 60, remaining: 0 })
})
