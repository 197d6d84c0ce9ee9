import type { Activity, ActivityScope, WorkflowContext } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Schema } from '../workspace/validation.ts'

/** What the executor does outside of its workflow. */
export const ACTIVITIES = ['call', 'child', 'check', 'swap', 'record'] as const

type ActivityName = (typeof ACTIVITIES)[number]

/** A reply is on disk before its step is, and found there; an answer can be checked again. */
const UNSYNCED: ReadonlySet<ActivityName> = new Set(['call', 'check'])

export interface DurableStep<Result> {
  readonly activity: ActivityName
  /** Unique within the run. */
  readonly key: string
  /** What the work depends on; another input under the key is an error. */
  readonly input: JsonValue
  readonly schema: Schema<Result>
  work(scope: ActivityScope): JsonValue | Promise<JsonValue>
  /** Writes that stand or fall with the result. */
  commit?(result: Result): void
}

/** The steps of one run in this process: their work is a closure, which the engine asks for by the step's key. */
export interface DurableSteps {
  readonly activities: Readonly<Record<string, Activity>>
  /** The result of the work, checked by its schema however it came. */
  once<Result>(context: WorkflowContext, step: DurableStep<Result>): Promise<Result>
  /** What ended the run in this process: the engine keeps what an error says, the command line also needs what it is. */
  thrown(): unknown
}

interface Held {
  run(scope: ActivityScope): Promise<JsonValue>
  commit(result: JsonValue): void
}

export function createDurableSteps(): DurableSteps {
  const held = new Map<string, Held>()
  let thrown: unknown
  const heldBy = ({ idempotencyKey }: ActivityScope): Held => {
    const step = held.get(idempotencyKey)
    if (!step) throw new TypeError('the engine plays the steps of the workflow it was given')
    return step
  }
  const activity: Activity = {
    run: (_, scope) => heldBy(scope).run(scope),
    commit: (_, result, scope) => heldBy(scope).commit(result),
  }

  return {
    activities: Object.fromEntries(ACTIVITIES.map((name) => [name, { ...activity, unsynced: UNSYNCED.has(name) }])),
    thrown: () => thrown,
    async once(context, { activity: name, key, input, schema, work, commit }) {
      const id = `${context.runId}/${key}`
      held.set(id, {
        async run(scope) {
          try {
            return await work(scope)
          } catch (error) {
            thrown = error
            throw error
          }
        },
        commit(result) {
          try {
            commit?.(readResult(schema, result))
          } catch (error) {
            thrown = error
            throw error
          }
        },
      })
      try {
        return readResult(schema, await context.step(name, input, { key }))
      } finally {
        held.delete(id)
      }
    },
  }
}

/** The state folder can be written by others, so a stored result is checked like any input. */
export function readResult<Result>(schema: Schema<Result>, result: JsonValue): Result {
  const parsed = schema.safeParse(result)
  if (parsed.success) return parsed.data
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'STEP_DAMAGED',
    message: 'a stored step result is damaged',
    hint: 'Run `ctxlock verify`.',
  })
}
