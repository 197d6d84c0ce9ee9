import { deepEqual, equal } from 'node:assert/strict'

import type { Waited, WorkflowDefinition } from '@ctxlock/contracts/engine'

import { engineCase, rejectsWith, workflow, type EngineCase } from './case-kit.ts'
import type { EngineTarget } from './engine-target.ts'

const by = (idempotencyKey: string) => ({ idempotencyKey })

/** What signals promise: one decision, whenever it comes. */
export function signalCases<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  type Definition = WorkflowDefinition<Transaction>
  const gate = (timeoutMs?: number): Definition =>
    workflow('gate', {}, async (context) => {
      const first = await context.waitForSignal('go', timeoutMs === undefined ? {} : { timeoutMs })
      // The same name again gives the same decision.
      const again = await context.waitForSignal('go', timeoutMs === undefined ? {} : { timeoutMs })
      return [first, again].map(said)
    })

  return [
    engineCase(target, 'signals: the first decision wins, and repeating it changes nothing', async (kit) => {
      const engine = await kit.open([gate()])
      const { state, waits } = await kit.played(engine, 'gate', 'r')
      deepEqual([state, waits], ['waiting', [{ kind: 'signal', key: 'go' }]])
      const sent = [
        await engine.signal('r', 'go', 'yes', by('ada')),
        await engine.signal('r', 'go', 'no', by('bob')),
        await engine.signal('r', 'go', 'yes', by('ada')),
      ]
      deepEqual(
        sent.map(({ accepted }) => accepted),
        [true, false, true],
      )
      await rejectsWith(engine.signal('r', 'go', 'no', by('ada')), 'SIGNAL_CONFLICT')
      deepEqual((await kit.within(engine.ended('r'))).result, ['yes', 'yes'])
      equal((await engine.signal('r', 'other', 1, by('ada'))).accepted, false, 'expected no signal after the end')
      equal((await engine.signal('r', 'go', 'yes', by('ada'))).accepted, true)
      await rejectsWith(engine.signal('none', 'go', 1, by('ada')), 'RUN_UNKNOWN')
    }),

    engineCase(target, 'signals: many at the same time make one decision', async (kit) => {
      const engine = await kit.open([gate()])
      await kit.played(engine, 'gate', 'r')
      const sent = await Promise.all(
        Array.from({ length: 20 }, (_, index) => engine.signal('r', 'go', index, by(`k${index}`))),
      )
      const winners = sent.flatMap(({ accepted }, index) => (accepted ? [index] : []))
      equal(winners.length, 1)
      deepEqual((await kit.within(engine.ended('r'))).result, [...winners, ...winners])
    }),

    engineCase(target, 'signals: one that comes early, before a crash, is the decision', async (kit) => {
      const late: Definition = workflow('late', {}, async (context) => {
        await context.sleep('nap', 5000)
        return said(await context.waitForSignal('go'))
      })
      const first = await kit.open([late])
      await first.start('late', null, { runId: 'r' })
      equal((await first.signal('r', 'go', 'early', by('ada'))).accepted, true)
      const engine = await kit.restart([late])
      equal((await engine.signal('r', 'go', 'later', by('bob'))).accepted, false)
      equal((await kit.within(engine.ended('r'))).result, 'early')
    }),

    engineCase(target, 'signals: one that comes while its run is being parked is noticed', async (kit) => {
      const engine = await kit.open([gate()])
      const runIds = Array.from({ length: 60 }, (_, index) => `r${index}`)
      for (const [index, runId] of runIds.entries()) {
        await engine.start('gate', null, { runId })
        // Some earlier, some later, in the course of the same turn and the next one.
        if (index % 2 === 1) await kit.bench.pass(0)
        for (let count = 0; count < index / 4; count += 1) await Promise.resolve()
        await engine.signal(runId, 'go', index, by('x'))
      }
      for (const [index, runId] of runIds.entries())
        deepEqual((await kit.within(engine.ended(runId), 5000)).result, [index, index])
    }),

    engineCase(target, 'signals: decided while nobody serves, taken up after the restart', async (kit) => {
      const first = await kit.open([gate()])
      await kit.played(first, 'gate', 'r')
      await first.signal('r', 'go', { by: 'ada' }, by('ada'))
      const engine = await kit.restart([gate()])
      deepEqual((await kit.within(engine.ended('r'))).result, [{ by: 'ada' }, { by: 'ada' }])
    }),

    engineCase(target, 'signals: the time decides when it comes first, and a late signal is refused', async (kit) => {
      const engine = await kit.open([gate(5000)])
      await kit.played(engine, 'gate', 'r')
      await kit.bench.pass(4000)
      equal((await engine.get('r'))?.state, 'waiting')
      await kit.bench.pass(2000)
      deepEqual((await kit.within(engine.ended('r'))).result, ['timeout', 'timeout'])
      equal((await engine.signal('r', 'go', 'late', by('ada'))).accepted, false)
    }),

    engineCase(target, 'signals: the time goes on over a crash, and decides although nobody was there', async (kit) => {
      const first = await kit.open([gate(5000)])
      await kit.played(first, 'gate', 'r')
      await kit.played(first, 'gate', 's')
      await kit.bench.pass(3000)
      await kit.bench.crash()
      await kit.bench.pass(3000)
      const engine = await kit.bench.open()
      engine.register(gate(5000))
      // Nobody has noticed the end of the time, but it is over.
      equal((await engine.signal('r', 'go', 'late', by('ada'))).accepted, false)
      await engine.serve()
      equal((await kit.within(engine.ended('s', { orWaiting: true }), 1000)).state, 'completed')
      for (const runId of ['r', 's'])
        deepEqual((await kit.within(engine.ended(runId), 1000)).result, ['timeout', 'timeout'])
    }),

    engineCase(target, 'signals: no time at all decides at once, unless one came before', async (kit) => {
      const engine = await kit.open([gate(0)])
      deepEqual((await kit.played(engine, 'gate', 'r')).result ?? (await kit.within(engine.ended('r'))).result, [
        'timeout',
        'timeout',
      ])
    }),

    engineCase(target, 'signals: several are waited for beside each other and beside steps', async (kit) => {
      const both: Definition = workflow('both', { work: { run: () => 'worked' } }, async (context) => {
        const [a, b, work] = await Promise.all([
          context.waitForSignal('a'),
          context.waitForSignal('b'),
          context.step('work', null, { key: 'k' }),
        ])
        return [said(a), said(b), work]
      })
      const engine = await kit.open([both])
      const { waits = [] } = await kit.played(engine, 'both', 'r')
      deepEqual(
        waits.map(({ key }) => key),
        ['a', 'b'],
      )
      await engine.signal('r', 'b', 2, by('x'))
      await kit.bench.pass(100)
      deepEqual(
        (await engine.get('r'))?.waits?.map(({ key }) => key),
        ['a'],
      )
      await engine.signal('r', 'a', 1, by('x'))
      deepEqual((await kit.within(engine.ended('r'))).result, [1, 2, 'worked'])
    }),
  ]
}

function said(decision: Waited) {
  return decision.kind === 'signal' ? decision.payload : 'timeout'
}
