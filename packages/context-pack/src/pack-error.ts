/** What can go wrong with a pack, a binding or a lockfile. Codes named in spec 02 keep their names; the others are ours. */
export type PackErrorCode =
  /** A field is missing, wrong or unknown, or a list is not sorted: correct the input. */
  | 'PACK_INVALID'
  /** The file has no part that could be pointed at. An answer of `buildContextPack`, never thrown. */
  | 'PACK_NOT_ANCHORED'
  /** The file changed while it was read, twice (CP-021). An answer of `buildContextPack`, never thrown. */
  | 'PACK_SOURCE_UNSTABLE'
  /** A secret is left after redaction, or stands in a rule; nothing was written (CP-033). Remove it from the source. */
  | 'PACK_SECRET_DETECTED'
  /** A path is not workspace-relative, with forward slashes, in NFC (CP-036). */
  | 'PACK_ABSOLUTE_PATH'
  /** A governed reference lies under `.GOV/` or `docs/` (CP-007): keep governed files elsewhere. */
  | 'PACK_RUNTIME_READ_REF'
  /** A rule does not come from a governed source at its recorded hash: name its file, or drop the rule. */
  | 'PACK_UNGOVERNED_RULE'
  /** A hard rule has no registered anchor: register it. */
  | 'PACK_UNKNOWN_ANCHOR'
  /** A rule holds an invisible character: remove it. */
  | 'PACK_HIDDEN_TEXT'
  /** A rule file or skill is gone, is no UTF-8 text, or has front matter that says nothing clear. */
  | 'PACK_RULE_FILE_UNREADABLE'
  /** A `CLAUDE.md` takes in a document that is gone, too deep, or outside the workspace. */
  | 'PACK_RULE_IMPORT_REFUSED'
  /** Rules or allocation do not fit; the message names the heaviest rules. Shorten them or raise the budget. */
  | 'PACK_BUDGET_EXCEEDED'
  /** A file or tool outside what is granted. */
  | 'PACK_SCOPE_VIOLATION'
  /** A call has no role pack or work-unit pack, or one that is not stored (CP-053): refuse it. */
  | 'PACK_MISSING'
  /** A pack does not have the bytes that were bound (CP-053): refuse the call. */
  | 'PACK_HASH_MISMATCH'
  /** A pack is of another role than the call (CP-053): refuse the call. */
  | 'PACK_ROLE_MISMATCH'
  /** A pack is of another work unit than the call (CP-053): refuse the call. */
  | 'PACK_WORK_UNIT_MISMATCH'
  /** A pack is of another version of the protocol (CP-053): refuse the call. */
  | 'PACK_PROTOCOL_MISMATCH'
  /** A pack was made under another governance (CP-053): refuse the call. */
  | 'PACK_GOVERNANCE_MISMATCH'
  /** A swap would lose a restriction (CP-054): refuse it. */
  | 'PACK_CONSTRAINTS_WEAKENED'
  /** The tables are newer than this release: use the one that wrote them. */
  | 'PACK_CACHE_UNSUPPORTED'
  /** A lockfile was damaged, or says what cannot be: build it again. */
  | 'LOCK_INVALID'
  /** A lockfile does not hash to what it says, as after a merge: build it again. */
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
