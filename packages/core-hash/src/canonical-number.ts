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

/** `String(canonicalNumber(value))`, or undefined when the number has a problem. */
export function canonicalNumberText(value: number): string | undefined {
  if (Number.isSafeInteger(value)) return String(value)
  if (!(value > -1e9 && value < 1e9))
    return numberProblem(value) === undefined ? String(canonicalNumber(value)) : undefined
  // Below 1e9 the rounded decimal has at most 15 significant digits. Two such decimals never share a double, so this one
  // without trailing zeros is already the shortest form and need not go through a double again.
  const fixed = value.toFixed(6)
  let end = fixed.length
  while (fixed.charCodeAt(end - 1) === ZERO) end--
  return fixed.charCodeAt(end - 1) === POINT ? String(Math.round(value)) : fixed.slice(0, end)
}

const ZERO = 0x30
const POINT = 0x2e
