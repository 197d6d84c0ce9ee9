import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { checkConvention, type Convention } from './convention.ts'
import { OPENINFERENCE_2_12_0 } from './conventions/openinference-2.12.0.ts'
import { OTEL_GENAI_1_41_1 } from './conventions/otel-genai-1.41.1.ts'

/** Every convention there is a file for, the default one first. */
export const CONVENTIONS: readonly [Convention, ...Convention[]] = [OTEL_GENAI_1_41_1, OPENINFERENCE_2_12_0]

/** A convention by its id, checked: none sends a field that could hold content. Throws `CONVENTION_UNKNOWN`. */
export function findConvention(id: string): Convention {
  const convention = CONVENTIONS.find((each) => each.id === id)
  if (!convention) {
    throw new CommandError({
      exit: EXIT_CODE.usage,
      code: 'CONVENTION_UNKNOWN',
      message: `expected a convention of ${CONVENTIONS.map((each) => each.id).join(', ')}; got ${JSON.stringify(id)}`,
    })
  }
  checkConvention(convention)
  return convention
}
