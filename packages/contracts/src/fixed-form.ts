const NIL_UUID = '00000000-0000-0000-0000-000000000000'

const HEX_DIGIT = 1
const HYPHEN = 2
const kindOf = new Uint8Array(0x10000)
for (const digit of '0123456789abcdef') kindOf[digit.charCodeAt(0)] = HEX_DIGIT
kindOf['-'.charCodeAt(0)] = HYPHEN

const TESTS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['^[0-9a-f]{32}$', ofForm('0'.repeat(32))],
  ['^[0-9a-f]{64}$', ofForm('0'.repeat(64))],
  [
    '^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    ofForm(NIL_UUID, NIL_UUID),
  ],
])

/** The patterns that have such a test, for whoever proves that the two agree. */
export const FIXED_FORMS: readonly RegExp[] = [...TESTS.keys()].map((source) => new RegExp(source))

/**
 * What `pattern.test` does, for the patterns of hashes, salts and ids; undefined for every other. Whether a random hex digit is
 * a letter cannot be foreseen, so looking it up is three times faster than the comparisons that a pattern is compiled to.
 */
export function fixedFormTest({ source, flags }: RegExp): ((text: string) => boolean) | undefined {
  return flags === '' ? TESTS.get(source) : undefined
}

/** Tests for a text of this length, other than `except`, with hyphens where the form has them and lower-case hex digits elsewhere. */
function ofForm(form: string, except?: string): (text: string) => boolean {
  const kinds = Uint8Array.from(form, (unit) => kindOf[unit.charCodeAt(0)] ?? 0)
  return (text) => {
    if (text.length !== kinds.length) return false
    for (let index = 0; index < kinds.length; index++) {
      if (kindOf[text.charCodeAt(index)] !== kinds[index]) return false
    }
    return text !== except
  }
}
