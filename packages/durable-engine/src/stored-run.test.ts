import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { identityOfStep, openEngine, readRunState, readStoredRun } from './index.ts'

const timers = {
  after(milliseconds: number, work: () => void) {
    const timer = setTimeout(work, milliseconds)
    return () => clearTimeout(timer)
  },
}
const environment = {
  clock: { now: () => 1_000, monotonic: () => 0 },
  timers,
  random: { uuid: () => crypto.randomUUID(), fraction: () => 0.5, bytes: (length: number) => new Uint8Array(length) },
}

test('whoever looks back finds what happened, and nothing that did not', async () => {
  const database = new DatabaseSync(':memory:')
  expect(readRunState(database, 'r1')).toBeUndefined()
  const engine = openEngine({ database, environment })
  engine.register({
    name: 'review',
    version: '1.0',
    activities: { call: { run: () => ({ answer: 1 }) } },
    async run(context) {
      await context.now('begun')
      await context.step('call', { prompt: 'p' }, { key: 'first' })
      await context.waitForSignal('approved')
      return null
    },
  })
  await engine.serve()
  await engine.start('review', null, { runId: 'r1' })
  await engine.signal('r1', 'approved', 'by Ada', { idempotencyKey: 'ada' })
  await engine.ended('r1')
  await engine.close()

  expect([readRunState(database, 'r1'), readRunState(database, 'r2')]).toEqual(['completed', undefined])
  const run = readStoredRun(database, 'r1')
  expect(run.step('first')).toEqual({ result: { answer: 1 }, identity: identityOfStep('call', { prompt: 'p' }) })
  expect(identityOfStep('call', { prompt: 'q' })).not.toBe(identityOfStep('call', { prompt: 'p' }))
  expect(identityOfStep('other', { prompt: 'p' })).not.toBe(identityOfStep('call', { prompt: 'p' }))
  expect([run.now('begun'), run.signal('approved')]).toEqual([1_000, 'by Ada'])
  expect([run.step('second'), run.now('ended'), run.signal('denied')]).toEqual([undefined, undefined, undefined])
  expect(readStoredRun(database, 'r2').step('first')).toBeUndefined()

  database.exec(`UPDATE engine_journal SET result = '{' WHERE key = 'first'`)
  expect(() => run.step('first')).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }))
})
