import { canonicalNumber, numberProblem } from './canonical-number.ts'
import { cleanCopy, type JsonValue, type LeafRules } from './clean-copy.ts'

const CANONICAL_LEAVES: LeafRules = {
  numberProblem,
  number: canonicalNumber,
  text: (value) => value.normalize('NFC'),
  acceptDates: true,
}

/**
 * Checks a value and returns a normalised deep copy: text and keys in NFC, numbers rounded to 6 decimals, a Date as its
 * timestamp, objects without prototype. Non-enumerable data properties are not part of the value. CJ-001, CJ-004..CJ-020.
 *
 * @throws CanonError with every code of the table in section 2 and the pointer of the offending place.
 */
export function normalizeValue(value: unknown): JsonValue {
  return cleanCopy(value, CANONICAL_LEAVES)
}
