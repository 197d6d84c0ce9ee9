import type { CanonErrorCode } from './canon-error.ts'

/** Why a number has no canonical form, or undefined when it has one (CJ-006). */
export function numberProblem(value: number): CanonErrorCode | undefined {
  if (!Number.isFinite(value)) return 'CANON_NON_FINITE'
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return 'CANON_UNSAFE_INTEGER'
  return undefined
}

/**
 * The canonical value of a number without problem: integers stay, the rest goes to the nearest multiple of 10^-6 of its
 * exact binary value, ties away from zero, which is what `toFixed(6)` does; `-0` becomes `0` (CJ-011..CJ-016).
 */
export function canonicalNumber(value: number): number {
  return (Number.isInteger(value) ? value : Number(value.toFixed(6))) + 0
}
