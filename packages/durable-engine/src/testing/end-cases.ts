import { deepEqual, equal } from 'node:assert/strict'

import type { RunFailure, WorkflowDefinition } from '@ctxlock/contracts/engine'

import { engineCase, held, rejectsWith, workflow, type EngineCase } from './case-kit.ts'
import type { EngineTarget } from './engine-target.ts'

/** What the end of a run promises: it is one, it is final, and nothing comes after it. */
export function endCases<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  type Definition = WorkflowDefinition<Transaction>
  const gate: Definition = workflow('gate', {}, async (context) => {
    await context.waitForSignal('go')
    return 'went'
  })
  const POISONED: RunFailure = { name: 'Poisoned', code: 'JOB_POISONED', message: 'may write no more' }

  return [
    engineCase(target, 'ended: written once, with the end, whichever it is', async (kit) => {
      const ends: Definition = {
        ...workflow('ends', {}, async (context, input) => {
          await context.waitForSignal('go')
          if (input === 'fails') throw new Error('failed')
          return input
        }),
        ended: (transaction, { runId, state }) => kit.bench.record(transaction, `${runId} ${state}`),
      }
      const engine = await kit.open([ends])
      for (const runId of ['works', 'fails', 'cancelled']) await kit.played(engine, 'ends', runId, runId)
      await engine.cancel('cancelled', { mode: 'cooperative', reason: 'not needed' })
      for (const runId of ['works', 'fails']) {
        await engine.signal(runId, 'go', null, { idempotencyKey: 'x' })
        await kit.within(engine.ended(runId))
      }
      const again = await kit.restart([ends])
      await kit.bench.pass(1000)
      deepEqual((await again.get('cancelled'))?.reason, 'not needed')
      deepEqual(await kit.bench.recorded(), ['cancelled cancelled', 'works completed', 'fails failed'])
    }),

    engineCase(target, 'cancel: cooperative keeps the step under way and begins nothing after it', async (kit) => {
      const work = held()
      const begun: string[] = []
      const job: Definition = workflow(
        'job',
        {
          work: {
            run: (_, { idempotencyKey }) => {
              begun.push(idempotencyKey)
              return work.promise
            },
            commit: (transaction, _, { idempotencyKey }) => kit.bench.record(transaction, idempotencyKey),
          },
        },
        async (context) => {
          await context.step('work', null, { key: 'a' })
          return await context.step('work', null, { key: 'b' })
        },
      )
      const engine = await kit.open([job])
      await engine.start('job', null, { runId: 'r' })
      await kit.bench.pass(0)
      deepEqual(await engine.cancel('r', { mode: 'cooperative', reason: 'enough' }), { accepted: true })
      equal((await engine.get('r'))?.state, 'running')
      work.release(1)
      const { state, reason } = await kit.within(engine.ended('r'))
      deepEqual([state, reason, begun], ['cancelled', 'enough', ['r/a']])
      deepEqual(await kit.bench.recorded(), ['r/a'])
      deepEqual(await engine.cancel('r', { mode: 'terminate', reason: 'again' }), { accepted: false })
      await rejectsWith(engine.resume('r'), 'RUN_FINISHED')
    }),

    engineCase(
      target,
      'cancel: a crash does not forget it, and a workflow that is about to end does not pass it',
      async (kit) => {
        const work = held()
        let calls = 0
        const job: Definition = workflow('job', { work: { run: () => ((calls += 1), work.promise) } }, (context) =>
          context.step('work', null, { key: 'a' }),
        )
        const first = await kit.open([job])
        for (const runId of ['r', 's']) await first.start('job', null, { runId })
        await kit.bench.pass(0)
        for (const runId of ['r', 's']) await first.cancel(runId, { mode: 'cooperative', reason: 'enough' })
        work.release(1)
        equal((await kit.within(first.ended('s'))).state, 'cancelled')
        const engine = await kit.restart([job])
        equal((await kit.within(engine.ended('r'))).state, 'cancelled')
        equal(calls, 2)
      },
    ),

    engineCase(target, 'terminate: at once; what is under way is aborted and dropped, for good', async (kit) => {
      const work = held()
      const signals: AbortSignal[] = []
      const job: Definition = workflow(
        'job',
        {
          work: {
            run: (_, { signal }) => (signals.push(signal), work.promise),
            commit: (transaction) => kit.bench.record(transaction, 'late'),
          },
        },
        (context) => context.step('work', null, { key: 'a' }),
      )
      const first = await kit.open([job])
      await first.start('job', null, { runId: 'r' })
      await kit.bench.pass(0)
      await first.cancel('r', { mode: 'terminate', reason: 'poisoned' })
      deepEqual([(await first.get('r'))?.state, signals[0]?.aborted], ['cancelled', true])
      work.release(1)
      await kit.bench.pass(1000)
      const engine = await kit.restart([job])
      await kit.bench.pass(1000)
      deepEqual([(await engine.get('r'))?.state, signals.length], ['cancelled', 1])
      equal((await engine.signal('r', 'go', 1, { idempotencyKey: 'x' })).accepted, false)
      deepEqual(await kit.bench.recorded(), [])
      await rejectsWith(engine.resume('r'), 'RUN_FINISHED')
      await rejectsWith(engine.cancel('none', { mode: 'terminate', reason: 'x' }), 'RUN_UNKNOWN')
    }),

    engineCase(target, 'fence: once it moved nothing more is written, and the run ends as it says', async (kit) => {
      const work = held()
      let calls = 0
      let isMoved = false
      const job: Definition = workflow(
        'job',
        {
          work: {
            run: () => ((calls += 1), work.promise),
            commit: (transaction) => kit.bench.record(transaction, 'late'),
          },
        },
        (context) => context.step('work', null, { key: 'a', retry: { maxAttempts: 9, initialMs: 1 } }),
      )
      const fence = (runId: string) => (isMoved && runId !== 'free' ? POISONED : undefined)
      const first = await kit.open([job, gate], { fence })
      for (const runId of ['r', 'free']) await first.start('job', null, { runId })
      await kit.played(first, 'gate', 'waits')
      isMoved = true
      work.release(1)
      await first.signal('waits', 'go', null, { idempotencyKey: 'x' })
      for (const runId of ['r', 'waits']) deepEqual((await kit.within(first.ended(runId))).error, POISONED)
      equal((await kit.within(first.ended('free'))).state, 'completed')
      const engine = await kit.restart([job, gate], { fence })
      await engine.resume('r')
      deepEqual((await kit.within(engine.ended('r'))).error, POISONED, 'expected a retry to change nothing')
      deepEqual([calls, await kit.bench.recorded()], [2, ['late']])
    }),

    engineCase(target, 'fence: one that moves after the last step still stops the run', async (kit) => {
      let isMoved = false
      const job: Definition = workflow('job', { work: { run: () => 1 } }, async (context) => {
        const result = await context.step('work', null, { key: 'k' })
        isMoved = true
        return result
      })
      const engine = await kit.open([job], { fence: () => (isMoved ? POISONED : undefined) })
      const { state, error } = await kit.played(engine, 'job', 'r')
      deepEqual([state, error], ['failed', POISONED])
    }),

    engineCase(target, 'resume: a failed run goes on; what was finished is not repeated', async (kit) => {
      const calls: string[] = []
      let isDown = true
      const work = (_: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) => {
        calls.push(idempotencyKey)
        if (idempotencyKey === 'r/b' && isDown) throw new Error('down')
        return calls.length
      }
      const job: Definition = workflow('job', { work: { run: work } }, async (context) => [
        await context.step('work', null, { key: 'a' }),
        await context.step('work', null, { key: 'b', retry: { maxAttempts: 2, initialMs: 1 } }),
      ])
      const engine = await kit.open([job])
      equal((await kit.played(engine, 'job', 'r')).error?.message, 'down')
      isDown = false
      await engine.resume('r')
      deepEqual((await kit.within(engine.ended('r'))).result, [1, 4])
      deepEqual(calls, ['r/a', 'r/b', 'r/b', 'r/b'])
      await rejectsWith(engine.resume('r'), 'RUN_FINISHED')
      await rejectsWith(engine.resume('none'), 'RUN_UNKNOWN')
    }),

    engineCase(target, 'cancel: a failed run is over then, once, with an end of its own', async (kit) => {
      const job: Definition = {
        ...workflow('job', {}, () => Promise.reject(new Error('down'))),
        ended: (transaction, { state }) => kit.bench.record(transaction, state),
      }
      const engine = await kit.open([job])
      equal((await kit.played(engine, 'job', 'r')).state, 'failed')
      deepEqual(await engine.cancel('r', { mode: 'cooperative', reason: 'enough' }), { accepted: true })
      deepEqual(await engine.cancel('r', { mode: 'terminate', reason: 'again' }), { accepted: false })
      await rejectsWith(engine.resume('r'), 'RUN_FINISHED')
      const again = await kit.restart([job])
      await kit.bench.pass(1000)
      const { state, reason, error } = await kit.within(again.ended('r'))
      deepEqual([state, reason, error], ['cancelled', 'enough', undefined])
      deepEqual(await kit.bench.recorded(), ['failed', 'cancelled'])
    }),

    engineCase(target, 'close: what is under way is aborted, and the next engine goes on', async (kit) => {
      const signals: AbortSignal[] = []
      const job: Definition = workflow(
        'job',
        { work: { run: (_, { signal }) => (signals.push(signal), signals.length === 1 ? held().promise : 'done') } },
        (context) => context.step('work', null, { key: 'a' }),
      )
      const first = await kit.open([job])
      await first.start('job', null, { runId: 'r' })
      await kit.bench.pass(0)
      const ended = first.ended('r')
      ended.catch(() => undefined)
      await first.close()
      await rejectsWith(ended, 'ENGINE_CLOSED')
      await rejectsWith(first.start('job', null, { runId: 'x' }), 'ENGINE_CLOSED')
      equal(signals[0]?.aborted, true)
      const engine = await kit.open([job])
      equal((await kit.within(engine.ended('r'))).result, 'done')
    }),
  ]
}
