import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { describe, expect, it } from 'vitest'

import { isHuman, singleCallBundle, wideBundle } from '../__fixtures__/consent.ts'
import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import type { CloudCallDecision } from './cloud-call.ts'
import { storeReceipt } from './receipt-store.ts'

const RACERS = 5
const CONNECTIONS = 10

/** 50 consumers in 5 threads, each with a connection of its own, after one receipt. */
async function race(bundle: ReturnType<typeof singleCallBundle>): Promise<CloudCallDecision[]> {
  using store = createDatabase()
  storeReceipt(
    store.database,
    { receipt: bundle.receipt, plan: bundle.parent_plan ?? bundle.plan },
    { now: NOW, isHuman },
  )
  const barrier = new SharedArrayBuffer(8)
  const workerData = { path: store.path, barrier, racers: RACERS, connections: CONNECTIONS, bundle }
  const decisions = Array.from({ length: RACERS }, async (): Promise<CloudCallDecision[]> => {
    const worker = new Worker(new URL('../__fixtures__/receipt-racer.ts', import.meta.url), { workerData })
    const exited = once(worker, 'exit')
    const [message] = await once(worker, 'message')
    await exited
    return message
  })
  return (await Promise.all(decisions)).flat()
}

describe('racing consumers of one receipt (PROV-050 C13)', () => {
  it('a receipt for a single call is spent exactly once', async () => {
    const decisions = await race(singleCallBundle())
    expect(decisions.length).toBe(RACERS * CONNECTIONS)
    expect(decisions.filter(({ allowed }) => allowed).length).toBe(1)
    expect(new Set(decisions.flatMap((decision) => (decision.allowed ? [] : [decision.check])))).toEqual(
      new Set(['C13']),
    )
  })

  it('a receipt for seven calls is spent exactly seven times', async () => {
    const decisions = await race(wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'], max_calls: 7 }))
    expect(decisions.filter(({ allowed }) => allowed).length).toBe(7)
  })
})
