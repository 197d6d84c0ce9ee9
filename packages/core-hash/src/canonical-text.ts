import { writeDirectly } from './direct-writer.ts'
import { serializeJcs } from './jcs-text.ts'
import { normalizeValue } from './normalized-value.ts'
import { oncePerSettled } from './settled.ts'

/**
 * The one canonical text of a value: RFC 8785 over its normalised form, without white space, byte-order mark or final
 * newline (CJ-001..CJ-005). Pure: reads no clock, locale or environment, changes nothing and runs nothing of the input.
 *
 * @throws CanonError with a code of section 2 and the pointer of the offending place.
 */
export function canonicalize(value: unknown): string {
  return textOf(value)
}

const textOf = oncePerSettled((value: unknown) => writeDirectly(value, String) ?? serializeJcs(normalizeValue(value)))
