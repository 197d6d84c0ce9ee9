import { deepEqual, equal } from 'node:assert/strict'

import type { WorkflowDefinition } from '@ctxlock/contracts/engine'

import { engineCase, rejectsWith, workflow, type EngineCase } from './case-kit.ts'
import type { EngineTarget } from './engine-target.ts'

/** What a run promises before it ends: whose id it is, and that it is one. */
export function runCases<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  type Definition = WorkflowDefinition<Transaction>
  const gate: Definition = workflow('gate', {}, async (context) => {
    await context.waitForSignal('go')
    return 'went'
  })
  const echo: Definition = workflow('echo', {}, async (_, input) => input)

  return [
    engineCase(target, 'runs: an id belongs to one workflow, input and major version', async (kit) => {
      const engine = await kit.open([gate, echo])
      deepEqual(await engine.start('gate', { a: 1, b: 2 }, { runId: 'r' }), { runId: 'r', created: true })
      deepEqual(await engine.start('gate', { b: 2, a: 1 }, { runId: 'r' }), { runId: 'r', created: false })
      await rejectsWith(engine.start('gate', { a: 2 }, { runId: 'r' }), 'RUN_CONFLICT')
      await rejectsWith(engine.start('echo', { a: 1, b: 2 }, { runId: 'r' }), 'RUN_CONFLICT')
      await rejectsWith(engine.start('none', null, { runId: 'x' }), 'WORKFLOW_UNKNOWN')
      for (const runId of ['', 'a\nb', 'x'.repeat(257)])
        await rejectsWith(engine.start('gate', null, { runId }), 'ID_INVALID')
      const newer = await kit.restart([{ ...gate, version: '2.0' }])
      await rejectsWith(newer.start('gate', { a: 1, b: 2 }, { runId: 'r' }), 'VERSION_MISMATCH')
      await newer.signal('r', 'go', null, { idempotencyKey: 'x' })
      await kit.bench.pass(1000)
      equal((await newer.get('r'))?.state, 'pending', 'expected code of another major version to leave it alone')
      const minor = await kit.restart([{ ...gate, version: '1.9' }])
      equal((await kit.within(minor.ended('r'))).result, 'went')
    }),

    engineCase(target, 'runs: two starts of one id at the same time are one run', async (kit) => {
      const engine = await kit.open([echo])
      const starts = await Promise.all(Array.from({ length: 5 }, () => engine.start('echo', 7, { runId: 'r' })))
      equal(starts.filter(({ created }) => created).length, 1)
      equal((await kit.within(engine.ended('r'))).result, 7)
      equal((await engine.list()).length, 1)
    }),

    engineCase(target, 'runs: listed newest first, by state and workflow', async (kit) => {
      const engine = await kit.open([gate, echo])
      for (const [name, runId] of [
        ['gate', 'a'],
        ['echo', 'b'],
        ['gate', 'c'],
      ] as const)
        await kit.played(engine, name, runId)
      await kit.within(engine.ended('b'))
      const ids = async (options: Parameters<typeof engine.list>[0]) =>
        (await engine.list(options)).map(({ runId }) => runId)
      deepEqual(await ids({}), ['c', 'b', 'a'])
      deepEqual(await ids({ limit: 1 }), ['c'])
      deepEqual(await ids({ before: 'c' }), ['b', 'a'])
      deepEqual(await ids({ before: 'c', states: ['waiting'], limit: 1 }), ['a'])
      deepEqual(await ids({ before: 'none' }), [])
      deepEqual(await ids({ states: ['waiting'] }), ['c', 'a'])
      deepEqual(await ids({ workflow: 'echo' }), ['b'])
      equal(await engine.get('none'), undefined)
      await rejectsWith(engine.ended('none'), 'RUN_UNKNOWN')
    }),

    engineCase(target, 'runs: what a workflow throws or returns that cannot be kept fails it', async (kit) => {
      const thrown: Definition = workflow('thrown', {}, () => Promise.reject(new RangeError('too far')))
      const lost: Definition = workflow('lost', {}, () => Promise.resolve(Number.NaN))
      const engine = await kit.open([thrown, lost])
      deepEqual((await kit.played(engine, 'thrown', 'a')).error, { name: 'RangeError', message: 'too far' })
      equal((await kit.played(engine, 'lost', 'b')).error?.code, 'NOT_JSON')
    }),
  ]
}
