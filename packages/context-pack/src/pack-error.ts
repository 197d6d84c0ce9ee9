/**
 * What can go wrong with a pack, a binding or a lockfile. Codes named in spec 02 keep their names; the others are ours.
 * A caller repairs its input on `PACK_INVALID`, `PACK_ABSOLUTE_PATH`, `PACK_UNGOVERNED_RULE` and the like, refuses the call on
 * the codes of CP-053 and CP-054, and builds again on the `LOCK_` codes.
 */
export type PackErrorCode =
  | 'PACK_INVALID'
  | 'PACK_NOT_ANCHORED'
  | 'PACK_SOURCE_UNSTABLE'
  | 'PACK_SECRET_DETECTED'
  | 'PACK_ABSOLUTE_PATH'
  | 'PACK_RUNTIME_READ_REF'
  | 'PACK_UNGOVERNED_RULE'
  | 'PACK_UNKNOWN_ANCHOR'
  | 'PACK_HIDDEN_TEXT'
  | 'PACK_RULE_FILE_UNREADABLE'
  | 'PACK_RULE_IMPORT_REFUSED'
  | 'PACK_BUDGET_EXCEEDED'
  | 'PACK_SCOPE_VIOLATION'
  | 'PACK_MISSING'
  | 'PACK_HASH_MISMATCH'
  | 'PACK_ROLE_MISMATCH'
  | 'PACK_WORK_UNIT_MISMATCH'
  | 'PACK_PROTOCOL_MISMATCH'
  | 'PACK_GOVERNANCE_MISMATCH'
  | 'PACK_CONSTRAINTS_WEAKENED'
  | 'PACK_CACHE_UNSUPPORTED'
  | 'LOCK_INVALID'
  | 'LOCK_HASH_MISMATCH'

/** Thrown when something cannot be built or read. The message names fields, lines and ids; it never quotes a file. */
export class PackError extends Error {
  override readonly name = 'PackError'
  readonly code: PackErrorCode

  constructor(code: PackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
