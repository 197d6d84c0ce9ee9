// What a run costs: in money where prices and counts are known, said to be unknown where not, and bounded before a byte leaves.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { queryEvents } from '@ctxlock/flight-recorder'
import { expect, test } from 'vitest'

import { serverConfig, startChatServer } from './support/chat-server.ts'
import { openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'How do depots accept boxes?',
  scope: ['src/'],
  done: ['It is said.'],
  expected_output: 'structured_answer',
}
const PRICE = { input_usd_per_million: 2.5, output_usd_per_million: 10 }

async function workspace({ price, limit }: { price?: typeof PRICE; limit?: number }) {
  // A wrong quotation first, so that there are two iterations.
  const server = await startOllamaServer(['small:1b'], (_, number) =>
    number === 1 ? 'src/depot.ts:1-1\n> no such line\n' : 'They do.',
  )
  const config = JSON.parse(ollamaConfig(server.url, ['small:1b']))
  if (price) config.providers[0].models[0].price = price
  if (limit !== undefined) config.execution.max_cost_micro_usd = limit
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'task.json': JSON.stringify(TASK),
    'ctxlock.config.json': JSON.stringify(config),
  })
  const setLimit = (to: number) => {
    const path = join(cwd, 'ctxlock.config.json')
    const now = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...now, execution: { ...now.execution, max_cost_micro_usd: to } }))
  }
  const run = (...more: string[]) => ctxlockHere(['run', join(cwd, 'task.json'), ...more], cwd)
  return { cwd, server, run, setLimit }
}

/** What the log says each call used and cost. */
async function settledIn(cwd: string) {
  const session = await openedSession(cwd)
  try {
    const { events } = queryEvents(session.state.database, {}, { limit: 1000 })
    const usage = events.flatMap((event) => (event.type === 'llm_inference' ? [event.payload.token_usage] : []))
    const costs = events.flatMap((event) => (event.type === 'call_settled' ? [event.payload.cost_micro_usd] : []))
    return { usage, costs }
  } finally {
    await session.close()
  }
}

test('tokens and prices make whole micro-dollars, in run, status, runs, --json and the log', async () => {
  const { cwd, run } = await workspace({ price: PRICE })
  const made = await run()
  expect(made.code, made.stderr).toBe(0)
  const { usage, costs } = await settledIn(cwd)
  const expected = usage.map(({ prompt_tokens, completion_tokens }) =>
    Math.ceil((25 * prompt_tokens + 100 * completion_tokens) / 10),
  )
  expect(expected).toHaveLength(2)
  expect(costs).toEqual(expected)
  const total = expected.reduce((sum, cost) => sum + cost, 0)
  const text = `0.${String(total).padStart(6, '0')} USD`
  expect(made.stdout.split('\n').filter((line) => line.startsWith('iteration  '))[1]).toContain(`so far ${text}`)
  expect((await ctxlockHere(['status', 'last'], cwd)).stdout).toContain(`cost       ${text}`)
  expect((await ctxlockHere(['runs'], cwd)).stdout).toContain(text)
  const cost = { micro_usd: total, unknown_calls: 0 }
  expect(JSON.parse((await ctxlockHere(['runs', '--json'], cwd)).stdout).runs[0].cost).toEqual(cost)
})

test('without a price the cost is unknown, which is not nothing', async () => {
  const { cwd, run } = await workspace({})
  const made = await run('--json')
  expect(made.code, made.stderr).toBe(0)
  const result = JSON.parse(made.stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(result.cost).toEqual({ micro_usd: null, unknown_calls: 2 })
  expect((await settledIn(cwd)).costs).toEqual([undefined, undefined])
  expect((await ctxlockHere(['status', 'last'], cwd)).stdout).toContain('cost       cost unknown (2 calls)')
})

test('of counts that no model can have used the cost is unknown, and all that was set aside is charged', async () => {
  const lots = { prompt_tokens: 10 ** 15, completion_tokens: 10 ** 15, total_tokens: 2 * 10 ** 15 }
  const server = await startChatServer({ usage: lots })
  const config = JSON.parse(serverConfig(server.url))
  config.providers[0].secret_ref = null
  config.providers[0].models = [{ model_id: 'm1', price: PRICE }]
  config.execution = { max_cost_micro_usd: 1_000_000 }
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(config) })
  const asked = await ctxlockHere(['ask', 'How is the checksum of a box computed?'], cwd)
  expect(asked.code, asked.stderr).toBe(0)
  expect(await settledIn(cwd)).toMatchObject({ costs: [undefined] })
  const [run] = JSON.parse((await ctxlockHere(['runs', '--json'], cwd)).stdout).runs
  expect(run.cost).toMatchObject({ micro_usd: null, unknown_calls: 1 })
})

test('the embedded provider is known to cost nothing', async () => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(TASK) })
  await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect((await ctxlockHere(['status', 'last'], cwd)).stdout).toContain('cost       0.000000 USD')
})

test('a call that might exceed the limit is not made; with a higher limit the run goes on and repeats nothing', async () => {
  // One call may cost 4,096 tokens each way: 0.0512 USD.
  const { cwd, server, run, setLimit } = await workspace({ price: PRICE, limit: 51_199 })
  const refused = await run()
  expect([refused.code, refused.error?.code]).toEqual([8, 'COST_LIMIT'])
  expect(refused.stderr).toContain('0.051199 USD left and this call may cost 0.051200')
  expect(server.requests).toHaveLength(0)
  setLimit(51_200)
  const second = await ctxlockHere(['resume', 'last'], cwd)
  expect([second.code, second.error?.code]).toEqual([8, 'COST_LIMIT'])
  expect(server.requests).toHaveLength(1)
  setLimit(200_000)
  const third = await ctxlockHere(['resume', 'last'], cwd)
  expect(third.code, third.stderr).toBe(0)
  expect(server.requests).toHaveLength(2)
  expect((await ctxlockHere(['status', 'last'], cwd)).stdout).toMatch(/^cost {7}0\.00\d{4} of 0\.200000 USD$/m)
})

test('a limit cannot be kept with a model whose price nobody states', async () => {
  const { server, run } = await workspace({ limit: 1_000_000 })
  const refused = await run()
  expect([refused.code, refused.error?.code]).toEqual([8, 'PRICE_UNKNOWN'])
  expect(server.requests).toHaveLength(0)
})
