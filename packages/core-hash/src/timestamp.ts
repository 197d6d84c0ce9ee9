import { CanonError } from './canon-error.ts'

const CANONICAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/
const MINUTE = 60_000

/** True for `YYYY-MM-DDTHH:mm:ss.sssZ` that names an existing UTC instant: no 30 February, no leap second (CJ-024, CJ-026). */
export function isTimestamp(value: unknown): value is string {
  if (typeof value !== 'string' || !CANONICAL.test(value)) return false
  const date = new Date(value)
  return !Number.isNaN(date.getTime()) && date.toISOString() === value
}

/**
 * The canonical timestamp of an RFC 3339 string with any offset, or of a Date: UTC, milliseconds, further digits cut off,
 * not rounded (CJ-024, CJ-025).
 *
 * @throws CanonError CANON_INVALID_DATE for any other text, a date that does not exist, or a UTC year outside 0000..9999.
 */
export function toTimestamp(input: string | Date): string {
  const text = typeof input === 'string' ? utcText(input) : isoText(timeOfDate(input))
  // Years outside 0000..9999 have a longer form.
  if (!isTimestamp(text)) throw new CanonError('CANON_INVALID_DATE')
  return text
}

function utcText(input: string): string | undefined {
  const match = RFC_3339.exec(input)
  if (match === null) return undefined
  const [, date, time, fraction = '', sign, hours = '0', minutes = '0'] = match
  const local = `${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  if (!isTimestamp(local)) return undefined
  const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE
  return isoText(Date.parse(local) - (sign === '-' ? -offset : offset))
}

/** Milliseconds of a Date, NaN of an invalid one, undefined of anything else; no method the value brings along is called. */
export function timeOfDate(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return undefined
  }
}

function isoText(milliseconds: number | undefined): string | undefined {
  const isValid = milliseconds !== undefined && !Number.isNaN(milliseconds)
  return isValid ? new Date(milliseconds).toISOString() : undefined
}
