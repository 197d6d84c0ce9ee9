import type { Hash } from '@ctxlock/contracts/primitives'

import { MicroTaskError } from './micro-task-error.ts'

/** The id of one iteration; `number` runs per micro-task over all levels, from 1 (MT-045, MT-016). */
export function stepId(mtId: string, number: number): string {
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new MicroTaskError('STEP_NUMBER_INVALID', `Expected a running number from 1, got ${number}.`)
  }
  return `${mtId}_iter-${String(number).padStart(3, '0')}`
}

/** The array whose canonical hash is the idempotency key of a model call (MT-046); hash it with `@ctxlock/core-hash`. */
export function callKey(call: {
  readonly mtId: string
  readonly iteration: number
  readonly modelId: string
  readonly loraId?: string
  readonly promptHash: Hash
}): [string, number, string, string | null, Hash] {
  return [call.mtId, call.iteration, call.modelId, call.loraId ?? null, call.promptHash]
}
