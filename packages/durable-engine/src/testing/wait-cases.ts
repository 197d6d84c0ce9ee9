import { deepEqual, equal, ok } from 'node:assert/strict'

import type { RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'

import { engineCase, workflow, type EngineCase } from './case-kit.ts'
import type { EngineTarget } from './engine-target.ts'

const by = (idempotencyKey: string) => ({ idempotencyKey })

/** What waiting promises: its time, and that nobody is kept busy by it. */
export function waitCases<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  type Definition = WorkflowDefinition<Transaction>
  const gate: Definition = workflow('gate', {}, async (context) => {
    const decision = await context.waitForSignal('go')
    return decision.kind === 'signal' ? decision.payload : null
  })

  return [
    engineCase(target, 'sleep: not shorter than told, and not begun anew by a crash', async (kit) => {
      const nap: Definition = workflow('nap', {}, async (context) => {
        await context.sleep('nap', 10_000)
        return 'awake'
      })
      await (await kit.open([nap])).start('nap', null, { runId: 'r' })
      await kit.bench.pass(6000)
      const engine = await kit.restart([nap])
      await kit.bench.pass(3500)
      equal((await engine.get('r'))?.state, 'waiting')
      equal((await kit.within(engine.ended('r'), 3000)).result, 'awake')
    }),

    engineCase(target, 'waits: another length under a key is an error, not another wait', async (kit) => {
      const naps = { length: 1000 }
      const nap: Definition = workflow('nap', {}, async (context) => {
        await context.sleep('nap', naps.length)
        await context.waitForSignal('go')
        return null
      })
      await kit.played(await kit.open([nap]), 'nap', 'r')
      naps.length = 2000
      const engine = await kit.restart([nap])
      await engine.signal('r', 'go', null, by('x'))
      equal((await kit.within(engine.ended('r'))).error?.code, 'NON_DETERMINISM')
    }),

    engineCase(target, 'waits: each of several goes on at its own time', async (kit) => {
      const both: Definition = workflow('both', { work: { run: () => 'worked' } }, async (context) => {
        const early = async () => {
          await context.sleep('short', 1000)
          return context.step('work', null, { key: 'k' })
        }
        await Promise.all([early(), context.sleep('long', 60_000), context.waitForSignal('go')])
        return await context.now('end')
      })
      const engine = await kit.open([both])
      const before = await kit.played(engine, 'both', 'r')
      await kit.bench.pass(4000)
      const keys = ({ waits = [] }: RunInfo) => waits.map(({ key }) => key).toSorted()
      const [after] = await engine.list()
      deepEqual(
        [keys(before), after && keys(after)],
        [
          ['go', 'long', 'short'],
          ['go', 'long'],
        ],
      )
      await engine.signal('r', 'go', null, by('x'))
      equal((await kit.within(engine.ended('r'), 70_000)).state, 'completed')
    }),

    engineCase(target, 'workers: no more runs are worked on at a time than there are', async (kit) => {
      const releases: (() => void)[] = []
      let [active, most] = [0, 0]
      const work = async () => {
        most = Math.max(most, (active += 1))
        await new Promise<void>((resolve) => void releases.push(resolve))
        active -= 1
        return null
      }
      const job: Definition = workflow('job', { work: { run: work } }, (context) =>
        context.step('work', null, { key: 'k' }),
      )
      const engine = await kit.open([job], { concurrency: 2 })
      const runIds = Array.from({ length: 12 }, (_, index) => `r${index}`)
      await Promise.all(runIds.map((runId) => engine.start('job', null, { runId })))
      const ended = kit.within(Promise.all(runIds.map((runId) => engine.ended(runId))))
      const starts: Promise<unknown>[] = []
      for (let turn = 0; turn < 2 * runIds.length; turn += 1) {
        releases.shift()?.()
        // Whoever finds a run started must not free the worker that is about to take it, at whatever moment he comes.
        for (let moment = 0; moment < 25; moment += 1) {
          await Promise.resolve()
          starts.push(...runIds.map((runId) => engine.start('job', null, { runId })))
        }
        await kit.bench.pass(0)
      }
      await Promise.all([ended, ...starts])
      equal(most, 2)
    }),

    engineCase(target, 'waits: runs that wait keep no worker', async (kit) => {
      const job: Definition = workflow('job', { work: { run: () => 'worked' } }, (context) =>
        context.step('work', null, { key: 'k' }),
      )
      const engine = await kit.open([gate, job], { concurrency: 2 })
      const runIds = Array.from({ length: 50 }, (_, index) => `r${index}`)
      await Promise.all(runIds.map((runId) => engine.start('gate', null, { runId })))
      await engine.start('job', null, { runId: 'job' })
      equal((await kit.within(engine.ended('job'), 2000)).result, 'worked')
      await kit.bench.pass(1000)
      const waiting = await engine.list({ states: ['waiting'] })
      equal(waiting.length, runIds.length)
      const ended = Promise.all(runIds.map((runId) => engine.ended(runId)))
      await Promise.all(runIds.toReversed().map((runId) => engine.signal(runId, 'go', runId, by('x'))))
      const results = (await kit.within(ended)).map(({ result }) => result)
      deepEqual(results, runIds)
      ok(engine.capabilities.freesWorkerWhileWaiting)
    }),
  ]
}
