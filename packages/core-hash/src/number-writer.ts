import { canonicalNumber, numberProblem } from './canonical-number.ts'
import type { Utf8Buffer } from './utf8-buffer.ts'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const MAX_LENGTH = '-1000000000.000000'.length

/** Writes the canonical text of a number; false when it has none (CJ-011..CJ-015). */
export function writeNumber(out: Utf8Buffer, value: number): boolean {
  if (value > -1e9 && value < 1e9) {
    writeShort(out, value)
    return true
  }
  if (numberProblem(value) !== undefined) return false
  out.ascii(String(canonicalNumber(value)))
  return true
}

/**
 * Below 1e9 the rounded value has at most 15 significant digits. Two such decimals never share a double, so without trailing
 * zeros it is the shortest form of its double; and from a millionth upwards ECMAScript writes no exponent.
 */
function writeShort(out: Utf8Buffer, value: number): void {
  const millionths = (value | 0) === value ? value * 1e6 : roundToMillionths(value)
  out.reserve(MAX_LENGTH)
  if (millionths < 0) out.bytes[out.length++] = MINUS
  const size = Math.abs(millionths)
  const whole = Math.floor(size / 1e6)
  out.length = writeDigits(out.bytes, out.length, decimalLength(whole), whole)
  const fraction = size - whole * 1e6
  if (fraction === 0) return
  out.bytes[out.length] = POINT
  let end = writeDigits(out.bytes, out.length + 1, 6, fraction)
  while (out.bytes[end - 1] === ZERO) end--
  out.length = end
}

/** The product is off by at most 1/16, which decides nothing unless it lies near a tie; then the exact rule does. */
function roundToMillionths(value: number): number {
  const product = value * 1e6
  const near = Math.round(product)
  return Math.abs(product - near) < 0.4 ? near : Math.round(canonicalNumber(value) * 1e6)
}

/** Writes an integer below 2^31 with exactly `count` digits and gives the offset after them. */
function writeDigits(bytes: Uint8Array, start: number, count: number, value: number): number {
  let rest = value | 0
  for (let at = start + count - 1; at >= start; at--) {
    const tenth = (rest / 10) | 0
    bytes[at] = ZERO + rest - 10 * tenth
    rest = tenth
  }
  return start + count
}

function decimalLength(value: number): number {
  let length = 1
  for (let limit = 10; value >= limit; limit *= 10) length++
  return length
}
