import { cleanCopy, type JsonValue, type LeafRules } from './clean-copy.ts'

const JCS_LEAVES: LeafRules = {
  numberProblem: (value) => (Number.isFinite(value) ? undefined : 'CANON_NON_FINITE'),
  number: (value) => value,
  text: (value) => value,
  acceptDates: false,
}

/**
 * RFC 8785 text of a JSON value: keys sorted by UTF-16 code unit, ECMAScript numbers, minimal escapes, no white space.
 * Nothing is rounded or normalised; what is not JSON data is refused (CJ-001, CJ-020, CJ-021, CJ-023).
 *
 * @throws CanonError as normalizeValue does, but integers of any size pass, a Date does not, and keys that only NFC makes
 * equal stay apart.
 */
export function serializeJcs(value: unknown): string {
  return jcsText(cleanCopy(value, JCS_LEAVES))
}

function jcsText(value: JsonValue): string {
  // For strings and numbers JSON.stringify is the RFC 8785 rule; both were checked by the copy.
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(jcsText).join(',')}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jcsText(member)}`).join(',')}}`
}
