import { fail, rejects } from 'node:assert/strict'

import type { DurableEngine, EngineErrorCode, RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import type { EngineBench, EngineTarget, OpenOptions } from './engine-target.ts'

/** One check. `run` rejects when it fails, so that any test runner can take it. */
export interface EngineCase {
  readonly name: string
  readonly run: () => Promise<void>
}

/** What a case works with. */
export interface CaseKit<Transaction> {
  readonly bench: EngineBench<Transaction>
  /** An engine that serves these workflows; an earlier one is closed by the case or has crashed. */
  open(
    workflows: readonly WorkflowDefinition<Transaction>[],
    options?: OpenOptions,
  ): Promise<DurableEngine<Transaction>>
  /** The same after a crash. */
  restart(
    workflows: readonly WorkflowDefinition<Transaction>[],
    options?: OpenOptions,
  ): Promise<DurableEngine<Transaction>>
  /** What a promise gives while time passes. */
  within<Value>(promise: Promise<Value>, milliseconds?: number): Promise<Value>
  /** Starts a run and gives it as it ended or waits. */
  played(engine: DurableEngine<Transaction>, workflow: string, runId: string, input?: JsonValue): Promise<RunInfo>
}

const PATIENCE = 60_000
const PIECE = 20

/** A case on a store of its own. */
export function engineCase<Transaction>(
  target: EngineTarget<Transaction>,
  name: string,
  check: (kit: CaseKit<Transaction>) => Promise<void>,
): EngineCase {
  const run = async (): Promise<void> => {
    const bench = await target.create()
    try {
      await check(kitOf(bench))
    } finally {
      await bench.dispose()
    }
  }
  return { name, run }
}

function kitOf<Transaction>(bench: EngineBench<Transaction>): CaseKit<Transaction> {
  const open: CaseKit<Transaction>['open'] = async (workflows, options) => {
    const engine = await bench.open(options)
    for (const workflow of workflows) engine.register(workflow)
    await engine.serve()
    return engine
  }
  const within: CaseKit<Transaction>['within'] = async (promise, milliseconds = PATIENCE) => {
    let isSettled = false
    const settled = promise.finally(() => (isSettled = true))
    settled.catch(() => undefined)
    for (let passed = 0; passed <= milliseconds; passed += PIECE) {
      await bench.pass(passed === 0 ? 0 : PIECE)
      if (isSettled) return settled
    }
    return fail(`expected an end within ${milliseconds} ms`)
  }
  return {
    bench,
    open,
    within,
    async restart(workflows, options) {
      await bench.crash()
      return open(workflows, options)
    },
    async played(engine, workflow, runId, input = null) {
      await engine.start(workflow, input, { runId })
      return within(engine.ended(runId, { orWaiting: true }))
    },
  }
}

/** A promise the case settles itself, such as the work of an activity. */
export interface Held {
  readonly promise: Promise<JsonValue>
  release(value: JsonValue): void
}

export function held(): Held {
  const { promise, resolve } = Promise.withResolvers<JsonValue>()
  return { promise, release: resolve }
}

export function rejectsWith(promise: Promise<unknown>, code: EngineErrorCode): Promise<void> {
  return rejects(promise, { name: 'EngineError', code })
}

/** A workflow of version 1. */
export function workflow<Transaction>(
  name: string,
  activities: WorkflowDefinition<Transaction>['activities'],
  run: WorkflowDefinition<Transaction>['run'],
): WorkflowDefinition<Transaction> {
  return { name, version: '1.0', activities, run }
}
