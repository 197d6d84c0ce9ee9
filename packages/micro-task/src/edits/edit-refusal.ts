import type { Refusal } from '@ctxlock/contracts/edits'

export type EditRefusalCode =
  /** Blocks: not closed, one in another, an attribute that is none. */
  | 'EDIT_BLOCK_MALFORMED'
  /** A unified diff that does not read as one. */
  | 'DIFF_MALFORMED'
  /** The lines a hunk shows stand nowhere in the file, or in several places, none of them the named one. */
  | 'DIFF_NOT_FOUND'
  | 'DIFF_AMBIGUOUS'
  | 'EDIT_TOO_LARGE'
  | 'EDIT_NOT_TEXT'
  | 'EDIT_CHANGES_NOTHING'
  /** Two edits of one file. */
  | 'EDIT_REPEATED'
  /** Modified, but not there; created, but there already; there, but unreadable. */
  | 'FILE_MISSING'
  | 'FILE_EXISTS'
  | 'FILE_UNREADABLE'
  | ScopeViolationCode

/** What an answer may not even try; the decision table knows them as `scope_violation`. */
export type ScopeViolationCode =
  | 'PATH_INVALID'
  | 'PATH_PROTECTED'
  | 'PATH_OUTSIDE_TASK'
  | 'PATH_COLLISION'
  | 'EDIT_DELETES'
  | 'EDIT_RENAMES'
  | 'EDIT_CHANGES_MODE'
  | 'EDIT_BINARY'

export type EditRefusal = Refusal<EditRefusalCode>

const SCOPE_VIOLATIONS: ReadonlySet<EditRefusalCode> = new Set<ScopeViolationCode>([
  'PATH_INVALID',
  'PATH_PROTECTED',
  'PATH_OUTSIDE_TASK',
  'PATH_COLLISION',
  'EDIT_DELETES',
  'EDIT_RENAMES',
  'EDIT_CHANGES_MODE',
  'EDIT_BINARY',
])

/** True when the answer reached for something outside its task, rather than writing an edit badly (MT-014). */
export function isScopeViolation({ code }: EditRefusal): boolean {
  return SCOPE_VIOLATIONS.has(code)
}

/** Ends the reading of an answer; caught in `readEdits`, never seen outside. */
export class EditRefused extends Error {
  override readonly name = 'EditRefused'
  readonly refusal: EditRefusal

  constructor(refusal: EditRefusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/** `subject` comes from the answer: it is cut and made printable here. */
export function refuse(
  code: EditRefusalCode,
  subject: string | undefined,
  parts: Pick<EditRefusal, 'expected' | 'came' | 'next'>,
): EditRefused {
  return new EditRefused({ code, ...(subject !== undefined && { subject: printable(subject) }), ...parts })
}

function printable(text: string): string {
  return text
    .slice(0, 200)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}
