import type { JsonValue } from '@ctxlock/core-hash'

/** What a simulated run does, in order; its input. */
export type Plan = readonly Op[]
export type Op =
  | SingleOp
  /** Time that the workflow takes between what it asks for. */
  | { readonly op: 'linger'; readonly ms: number }
  | { readonly op: 'together'; readonly ops: readonly SingleOp[] }
export type SingleOp =
  | PlannedStep
  | { readonly op: 'signal'; readonly key: string; readonly timeoutMs: number | null }
  | { readonly op: 'sleep'; readonly key: string; readonly ms: number }
  | { readonly op: 'now'; readonly key: string }

export interface PlannedStep {
  readonly op: 'step'
  readonly key: string
  readonly maxAttempts: number
  /** So many first attempts fail; all of them when it is no less than `maxAttempts`. */
  readonly failures: number
  readonly slowMs: number
  /** The first attempt never ends by itself, and does not listen. */
  readonly hangs: boolean
  /** Its failure fails the run. */
  readonly isFatal: boolean
}

export const RETRY_MS = 1000
export const TIMEOUT_MS = 5000

export type Random = () => number

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

export function randomPlan(random: Random): Plan {
  const count = 1 + below(random, 4)
  const ops: Op[] = Array.from({ length: count }, (_, index) =>
    random() < 0.25
      ? { op: 'together', ops: [randomOp(random, `${index}a`), randomOp(random, `${index}b`)] }
      : randomOp(random, `${index}`),
  )
  return random() < 0.3 ? [...ops, { op: 'linger', ms: below(random, 5000) }] : ops
}

function randomOp(random: Random, key: string): SingleOp {
  const roll = random()
  if (roll < 0.45) return randomStep(random, key)
  if (roll < 0.8) return { op: 'signal', key, timeoutMs: random() < 0.4 ? below(random, 20_000) : null }
  if (roll < 0.92) return { op: 'sleep', key, ms: below(random, 20_000) }
  return { op: 'now', key }
}

function randomStep(random: Random, key: string): PlannedStep {
  return {
    op: 'step',
    key,
    maxAttempts: 1 + below(random, 3),
    failures: random() < 0.4 ? 1 + below(random, 3) : 0,
    slowMs: random() < 0.6 ? below(random, 8000) : 0,
    hangs: random() < 0.1,
    isFatal: random() < 0.3,
  }
}

export function opsOf(plan: Plan): readonly SingleOp[] {
  return plan.flatMap((op) => (op.op === 'together' ? op.ops : op.op === 'linger' ? [] : [op]))
}

/** A plan as an input, which the engine keeps as JSON. */
export function inputOf(plan: Plan): JsonValue {
  return JSON.parse(JSON.stringify(plan))
}
