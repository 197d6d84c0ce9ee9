import { EngineError, type WorkflowContext, type WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { Timers } from '@ctxlock/contracts/ports'
import type { JsonValue } from '@ctxlock/core-hash'

import type { Life } from '../support/mortal-database.ts'
import { FAILED, type Observer } from './observer.ts'
import { opsOf, RETRY_MS, TIMEOUT_MS, type Plan, type PlannedStep, type SingleOp } from './plan.ts'

/** What the activities and workflows of one simulated process share. */
export interface PlannedProcess {
  readonly name: string
  readonly life: Life
  readonly timers: Timers
  readonly observer: Observer
  readonly concurrency: number
  planOf(runId: string): Plan
  /** Counts how often the code of a step was changed; a result of other code must not be played back. */
  variantOf(runId: string, key: string): number
  /** Whatever failed works now. */
  isHealed(runId: string): boolean
}

/** A workflow that does what its plan says and tells the observer what it was given. */
export function plannedWorkflow(process: PlannedProcess): WorkflowDefinition {
  const { observer, life } = process

  async function perform(context: WorkflowContext, op: SingleOp): Promise<JsonValue> {
    const { runId } = context
    if (op.op === 'now') return context.now(op.key)
    if (op.op === 'step') return performStep(context, op)
    const ms = op.op === 'sleep' ? op.ms : op.timeoutMs
    if (ms !== null) observer.timed(runId, op.key, ms)
    if (op.op === 'sleep') {
      await context.sleep(op.key, op.ms)
      observer.timeOver(runId, op.key)
      return 'slept'
    }
    const waited = await context.waitForSignal(op.key, ms === null ? {} : { timeoutMs: ms })
    if (waited.kind === 'signal') return waited.payload
    observer.timeOver(runId, op.key)
    return 'timeout'
  }

  async function performStep(context: WorkflowContext, op: PlannedStep): Promise<JsonValue> {
    const { runId } = context
    const retry = { maxAttempts: op.maxAttempts, initialMs: RETRY_MS }
    const options = { key: op.key, retry, ...(op.hangs && { timeoutMs: TIMEOUT_MS }) }
    try {
      return await context.step('work', { key: op.key, variant: process.variantOf(runId, op.key) }, options)
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'STEP_FAILED')) throw error
      if (op.isFatal) throw error
      return FAILED
    }
  }

  return {
    name: 'planned',
    version: '1',
    activities: {
      work: {
        async run(input, scope) {
          const { runId, attempt } = scope
          const op = stepOf(process.planOf(runId), input)
          if (!life.isAlive || !op) return new Promise(() => undefined)
          const end = observer.begin(process.name, op, scope, process.concurrency)
          const mustFail = attempt <= op.failures && !process.isHealed(runId)
          if (op.hangs && attempt === 1 && !process.isHealed(runId)) await new Promise(() => undefined)
          if (op.slowMs > 0) await pause(process.timers, op.slowMs)
          end(mustFail)
          if (mustFail) throw new Error('no network')
          return input
        },
        commit(to, result, { runId }) {
          const { key } = keyOf(result)
          to.prepare('INSERT INTO event VALUES (?, ?, ?)').run(runId, key, process.name)
        },
      },
    },
    async run(context) {
      const { runId } = context
      const perform1 = async (op: SingleOp): Promise<JsonValue> => {
        const value = await perform(context, op)
        if (!life.isAlive) return new Promise(() => undefined)
        observer.observe(runId, op.key, value)
        if (op.op === 'step' && value !== FAILED && keyOf(value).variant !== process.variantOf(runId, op.key))
          observer.violations.push(`${runId}/${op.key}: the result of other code was played back`)
        return value
      }
      const values: JsonValue[] = []
      for (const op of process.planOf(runId)) {
        if (op.op === 'together') values.push(...(await Promise.all(op.ops.map(perform1))))
        else if (op.op === 'linger') await pause(process.timers, op.ms)
        else values.push(await perform1(op))
      }
      return values
    },
    ended: (to, { runId, state }) => void to.prepare('INSERT INTO ending VALUES (?, ?)').run(runId, state),
  }
}

function pause(timers: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void timers.after(milliseconds, resolve))
}

function stepOf(plan: Plan, input: JsonValue): PlannedStep | undefined {
  const { key } = keyOf(input)
  return opsOf(plan).find((op): op is PlannedStep => op.op === 'step' && op.key === key)
}

function keyOf(value: JsonValue): { readonly key: string; readonly variant: number } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { key: '', variant: -1 }
  const { key, variant } = value
  return { key: typeof key === 'string' ? key : '', variant: Number(variant) }
}
