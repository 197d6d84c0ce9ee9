/** What was expected and what to do, per code. No text here or in an error ever carries the offending value (CJ-007). */
const EXPLANATIONS = {
  CANON_UNDEFINED: 'Expected a JSON value, got undefined: leave the key out.',
  CANON_NON_FINITE: 'Expected a finite number, got NaN or an infinity.',
  CANON_UNSAFE_INTEGER:
    'Expected an integer of magnitude up to 9007199254740991: model larger ones as decimal strings.',
  CANON_BIGINT: 'Expected a JSON value, got a bigint: model it as a decimal string.',
  CANON_UNSUPPORTED_TYPE:
    'Expected a plain object, dense array, string, number, boolean, null or Date, got something else.',
  CANON_SYMBOL_KEY: 'Expected string keys only, got a symbol key.',
  CANON_ACCESSOR: 'Expected data properties only, got a getter or setter: pass the value it stands for.',
  CANON_SPARSE_ARRAY: 'Expected an array without holes or extra properties.',
  CANON_CYCLE: 'Expected a tree, got an object that contains itself.',
  CANON_INVALID_DATE: 'Expected a valid date of the years 0000 to 9999, such as 2026-02-12T02:22:31.408Z.',
  CANON_LONE_SURROGATE: 'Expected well-formed Unicode, got a lone surrogate.',
  CANON_KEY_COLLISION: 'Expected distinct keys, got two that are equal after NFC.',
  CANON_DEPTH: 'Expected at most 256 nested containers.',
  CANON_NOT_CANONICAL: 'Expected canonical JSON bytes: write them with canonicalize.',
  CANON_SHORT_KEY: 'Expected a key of at least 32 bytes.',
  CANON_INVALID_HASH: 'Expected a hash of 64 lower-case hex characters.',
} as const

export type CanonErrorCode = keyof typeof EXPLANATIONS

/** The one error of this package. */
export class CanonError extends Error {
  override readonly name = 'CanonError'
  readonly code: CanonErrorCode
  /** RFC 6901 JSON Pointer to the offending place; the empty string is the value as a whole. Its keys come from the input. */
  readonly path: string

  constructor(code: CanonErrorCode, path = '', options?: ErrorOptions) {
    super(EXPLANATIONS[code], options)
    this.code = code
    this.path = path
  }
}

/** RFC 6901 JSON Pointer of the keys that lead to a place. */
export function jsonPointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
