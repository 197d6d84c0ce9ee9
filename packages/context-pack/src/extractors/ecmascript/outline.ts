// What a module looks like from outside, found by the scanner or, where that is in doubt, by the Babel parser. Offsets are
// UTF-16 units; an end lies behind the last character.

export interface Outline {
  /** Declarations, exports, assignments and test groups of the top level, in the order of the text. */
  readonly parts: readonly Part[]
  readonly imports: readonly Import[]
  /** Every comment, in the order of the text. */
  readonly comments: readonly Comment[]
  /** Where the first statement after the directives starts; the length of the text when there is none. */
  readonly bodyStart: number
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** A declaration, a member of one, or a test case: what an anchor is made of. */
export interface Part extends Span {
  readonly name: string
  readonly kind: string
  /** Where what a reader needs in order to use the part ends: before the body, and before a value that could be a secret. */
  readonly signatureEnd: number
  readonly isExport: boolean
  /** Members of a class or namespace, cases of a test group. */
  readonly members: readonly Part[]
}

export interface Import extends Span {
  readonly module: string
  /** The local names it binds. */
  readonly names: readonly string[]
}

export interface Comment extends Span {
  readonly isLine: boolean
}

/** Calls whose first argument names a test. */
export const TEST_CALLS: ReadonlySet<string> = new Set(['describe', 'suite', 'context', 'it', 'test'])
/** Of these, the ones that hold further tests. */
export const TEST_GROUPS: ReadonlySet<string> = new Set(['describe', 'suite', 'context'])

/** Longer chains of names are no name a reader would look for. */
export const MAX_NAME_PARTS = 8

/** `module.exports…` and `exports…` are what a CommonJS module exports. */
export function assignmentKind(name: string): 'export' | 'assignment' {
  return /^(?:module\.)?exports(?:\.|$)/.test(name) ? 'export' : 'assignment'
}
