import { deepEqual, equal, match, ok } from 'node:assert/strict'

import type { WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import { engineCase, held, workflow, type EngineCase } from './case-kit.ts'
import type { EngineTarget } from './engine-target.ts'

/** What a step promises: once, the same result ever after, with what belongs to it. */
export function stepCases<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  type Definition = WorkflowDefinition<Transaction>

  return [
    engineCase(target, 'steps: a finished one is not repeated after a crash and gives what it gave', async (kit) => {
      const results: JsonValue[] = []
      let calls = 0
      const job: Definition = workflow(
        'job',
        { work: { run: () => ({ z: (calls += 1), a: ['e\u0301', -1.5, null] }) } },
        async (context) => {
          results.push(await context.step('work', { n: 1 }, { key: 'k' }))
          await context.waitForSignal('go')
          return 'done'
        },
      )
      await kit.played(await kit.open([job]), 'job', 'r')
      const engine = await kit.restart([job])
      await engine.signal('r', 'go', null, { idempotencyKey: 'x' })
      equal((await kit.within(engine.ended('r'))).state, 'completed')
      const expected = { z: 1, a: ['e\u0301', -1.5, null] }
      deepEqual(results, [expected, expected])
    }),

    engineCase(
      target,
      'steps: another input, or another activity, under a key is no replay but an error',
      async (kit) => {
        for (const [runId, change] of [
          ['input', { input: 'b' }],
          ['activity', { activity: 'other' }],
        ] as const) {
          const played = { activity: 'work', input: 'a', calls: 0 }
          const run = () => (played.calls += 1)
          const job: Definition = workflow(runId, { work: { run }, other: { run } }, async (context) => {
            // Whoever catches it must not go on.
            await context.step(played.activity, played.input, { key: 'k' }).catch(() => null)
            await context.waitForSignal('go')
            return 'went on'
          })
          await kit.played(await kit.open([job]), runId, runId)
          Object.assign(played, change)
          const engine = await kit.restart([job])
          await engine.signal(runId, 'go', null, { idempotencyKey: 'x' })
          const { state, error } = await kit.within(engine.ended(runId))
          deepEqual([state, error?.code, played.calls], ['failed', 'NON_DETERMINISM', 1])
          await engine.close()
        }
      },
    ),

    engineCase(target, 'steps: beside each other; two callers of one key share one call', async (kit) => {
      const works = [held(), held()]
      let calls = 0
      const run = () => works[calls++]?.promise ?? null
      const job: Definition = workflow('job', { work: { run } }, async (context) =>
        Promise.all(['a', 'b', 'a'].map((key) => context.step('work', key, { key }))),
      )
      const engine = await kit.open([job])
      await engine.start('job', null, { runId: 'r' })
      await kit.bench.pass(0)
      works[1]?.release(2)
      works[0]?.release(1)
      deepEqual((await kit.within(engine.ended('r'))).result, [1, 2, 1])
      equal(calls, 2)
    }),

    engineCase(target, 'steps: the activity gets a copy, and only JSON is kept', async (kit) => {
      const input = { list: [1] }
      const results: JsonValue[] = []
      const values: readonly unknown[] = [1, Number.NaN, new Date(0), undefined, '\ud800', 'x'.repeat(1024 * 1024)]
      const activities = Object.fromEntries(
        values.map((value, index) => [
          `work${index}`,
          {
            run: (given: JsonValue) => {
              if (typeof given === 'object' && given !== null && !Array.isArray(given)) given['list'] = 'changed'
              return untyped(value)
            },
          },
        ]),
      )
      const job: Definition = workflow('job', activities, async (context) => {
        for (const name of Object.keys(activities))
          results.push(await context.step(name, input, { key: name }).catch((error: Error) => codeOf(error.cause)))
        results.push(await context.step('none', null, { key: 'x' }).catch((error: Error) => codeOf(error)))
        return await context.step('work0', null, { key: '' })
      })
      const { error } = await kit.played(await kit.open([job]), 'job', 'r')
      deepEqual(results, [1, 'NOT_JSON', 'NOT_JSON', 'NOT_JSON', 'NOT_JSON', 'TOO_LARGE', 'ACTIVITY_UNKNOWN'])
      deepEqual([input, error?.code], [{ list: [1] }, 'ID_INVALID'])
    }),

    engineCase(target, 'commit: stands or falls with the result', async (kit) => {
      let commits = 0
      const job: Definition = workflow(
        'job',
        {
          work: {
            run: (_, { attempt }) => attempt,
            commit(transaction, result, { idempotencyKey }) {
              kit.bench.record(transaction, `${idempotencyKey} ${JSON.stringify(result)}`)
              if ((commits += 1) === 1) throw new Error('a later event was refused')
            },
          },
        },
        (context) => context.step('work', null, { key: 'k', retry: { maxAttempts: 2, initialMs: 1 } }),
      )
      equal((await kit.played(await kit.open([job]), 'job', 'r')).result, 2)
      deepEqual(await kit.bench.recorded(), ['r/k 2'])
    }),

    engineCase(target, 'now: read once per key, and not earlier than before', async (kit) => {
      const readings: number[][] = []
      const job: Definition = workflow('job', {}, async (context) => {
        const first = await context.now('first')
        await context.waitForSignal('go')
        readings.push([first, await context.now('second')])
        await context.waitForSignal('end')
        return null
      })
      await kit.played(await kit.open([job]), 'job', 'r')
      await kit.bench.pass(1000)
      const engine = await kit.restart([job])
      for (const name of ['go', 'end']) {
        await engine.signal('r', name, null, { idempotencyKey: 'x' })
        await kit.bench.pass(100)
      }
      equal((await kit.within(engine.ended('r'))).state, 'completed')
      const [first, second] = readings
      deepEqual(second, first)
      ok((first?.[1] ?? 0) - (first?.[0] ?? 0) >= 1000)
      match(String(first?.[0]), /^\d{3,}$/, 'expected milliseconds since the epoch')
    }),
  ]
}

/** As a caller without type checks hands it over. */
function untyped(value: unknown): JsonValue {
  const box: { value: JsonValue } = { value: null }
  Object.assign(box, { value })
  return box.value
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : 'none'
}
