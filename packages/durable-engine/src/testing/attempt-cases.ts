import { deepEqual, equal } from 'node:assert/strict'

import type { ActivityScope, StepOptions, WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import { engineCase, held, workflow, type EngineCase } from './case-kit.ts'
import type { EngineTarget } from './engine-target.ts'

/** What attempts promise: as many as the policy says, not too early, and an end that stays. */
export function attemptCases<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  type Definition = WorkflowDefinition<Transaction>
  const oneStep = (
    run: (input: JsonValue, scope: ActivityScope) => JsonValue | Promise<JsonValue>,
    options: Omit<StepOptions, 'key'> = {},
  ): Definition =>
    workflow('job', { work: { run } }, (context, input) => context.step('work', input, { key: 'k', ...options }))

  return [
    engineCase(target, 'steps: one that a crash cut off runs again, with the same idempotency key', async (kit) => {
      const seen: string[] = []
      const never = held()
      const job = oneStep(async (_, { idempotencyKey, attempt }) => {
        seen.push(`${idempotencyKey} ${attempt}`)
        return seen.length === 1 ? never.promise : 'done'
      })
      const first = await kit.open([job])
      await first.start('job', null, { runId: 'r' })
      await kit.bench.pass(0)
      const engine = await kit.restart([job])
      equal((await kit.within(engine.ended('r'))).result, 'done')
      deepEqual(seen, ['r/k 1', 'r/k 1'])
    }),

    engineCase(
      target,
      'steps: a failing one is tried again, later each time, as often as its policy says',
      async (kit) => {
        const attempts: number[] = []
        const job = oneStep(
          (_, { attempt }) => {
            attempts.push(attempt)
            if (attempt < 3) throw new Error('no network')
            return 'done'
          },
          { retry: { maxAttempts: 3, initialMs: 1000, factor: 4 } },
        )
        const engine = await kit.open([job])
        await engine.start('job', null, { runId: 'r' })
        await kit.bench.pass(400)
        deepEqual(attempts, [1], 'expected to wait half of a second at least')
        equal((await kit.within(engine.ended('r'))).result, 'done')
        deepEqual(attempts, [1, 2, 3])
      },
    ),

    engineCase(target, 'steps: attempts and the wait for the next one survive a crash', async (kit) => {
      const attempts: number[] = []
      const job = oneStep(
        (_, { attempt }) => {
          attempts.push(attempt)
          throw new Error('no network')
        },
        { retry: { maxAttempts: 2, initialMs: 10_000 } },
      )
      await (await kit.open([job])).start('job', null, { runId: 'r' })
      await kit.bench.pass(100)
      const engine = await kit.restart([job])
      await kit.bench.pass(4000)
      deepEqual(attempts, [1], 'expected the wait to go on where it was')
      equal((await kit.within(engine.ended('r'))).error?.message, 'no network')
      deepEqual(attempts, [1, 2])
    }),

    engineCase(
      target,
      'steps: a failure is as final as a result; a workflow that caught it goes the same way again',
      async (kit) => {
        let calls = 0
        const ways: unknown[] = []
        const refuse = () => {
          calls += 1
          throw Object.assign(new TypeError('refused'), { code: 'DENIED', retryable: false })
        }
        const job: Definition = workflow('job', { refuse: { run: refuse } }, async (context) => {
          const options = { key: 'k', retry: { maxAttempts: 5, initialMs: 1 } }
          const way = await context.step('refuse', null, options).catch((error: unknown) => error)
          ways.push(way instanceof Error ? [Reflect.get(way, 'code'), way.cause] : way)
          await context.waitForSignal('go')
          return null
        })
        await kit.played(await kit.open([job]), 'job', 'r')
        const engine = await kit.restart([job])
        await engine.signal('r', 'go', null, { idempotencyKey: 'x' })
        equal((await kit.within(engine.ended('r'))).state, 'completed')
        const expected = ['STEP_FAILED', { name: 'TypeError', code: 'DENIED', message: 'refused' }]
        deepEqual(ways, [expected, expected])
        equal(calls, 1, 'expected an error that is not retryable not to be retried')
      },
    ),

    engineCase(target, 'steps: an attempt ends with its time, also when it does not listen', async (kit) => {
      const signals: AbortSignal[] = []
      const job = oneStep(
        (_, { signal }) => {
          signals.push(signal)
          return signals.length === 1 ? held().promise : 'done'
        },
        { timeoutMs: 5000, retry: { maxAttempts: 2, initialMs: 1 } },
      )
      const engine = await kit.open([job])
      await engine.start('job', null, { runId: 'r' })
      await kit.bench.pass(4000)
      equal(signals[0]?.aborted, false)
      equal((await kit.within(engine.ended('r'))).result, 'done')
      deepEqual(
        signals.map(({ aborted }) => aborted),
        [true, false],
      )
    }),
  ]
}
