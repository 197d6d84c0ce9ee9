import { LANES, type Lane } from '@ctxlock/contracts/scheduler'

/** How far each lane has come; the one that has come least far goes next. */
export type LanePasses = Readonly<Record<Lane, number>>

// The share of a lane is inverse to its stride: 8 of 15 for the primary lane, then 4, 2 and 1. None can starve another.
const STRIDES: LanePasses = { PRIMARY: 105, VALIDATION: 210, SUBAGENT: 420, BACKGROUND: 840 }

export function afterGrant(passes: LanePasses, lane: Lane): LanePasses {
  return { ...passes, [lane]: passes[lane] + STRIDES[lane] }
}

/** A lane that was empty starts where the others are: it has saved nothing up. `now` is the pass that was served last. */
export function onWaking(passes: LanePasses, lane: Lane, now: number): LanePasses {
  return { ...passes, [lane]: Math.max(passes[lane], now) }
}

export function lanesInTurn(passes: LanePasses): readonly Lane[] {
  return LANES.toSorted((left, right) => passes[left] - passes[right] || LANES.indexOf(left) - LANES.indexOf(right))
}
