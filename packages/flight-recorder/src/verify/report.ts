export type BreakReason =
  /** The event's bytes do not match its own hash. */
  | 'edited_event'
  /** The event and its hash agree, but its neighbours remember another event in its place. */
  | 'rewritten_event'
  /** The text of the event is gone, and no order of the log says that it was to be erased. */
  | 'text_removed'
  /** The text was sealed, and the file that has to hold it does not. */
  | 'missing_segment'
  /** A segment holds lines that are no events of its range. */
  | 'edited_segment'
  /** Events that were here are gone. */
  | 'removed_event'
  /** An event stands where none was recorded. */
  | 'inserted_event'
  /** The event is whole, but belongs to another place of the log. */
  | 'reordered_event'
  /** The bytes match their hash, and are not the canonical form of any event. */
  | 'not_canonical'
  /** The bytes are canonical, and no event of the catalogue. */
  | 'schema_violation'
  /** The database's head (count, last hash) is not that of the events; one of the two was changed. */
  | 'head_mismatch'
  /** A signed checkpoint has another root than these events: they were rewritten, and which of them cannot be told. */
  | 'checkpoint_mismatch'
  /** A checkpoint in the database is no longer what was signed. */
  | 'edited_checkpoint'
  /** The lookup keys of the event say something else than the event: queries cannot be trusted. */
  | 'edited_keys'

export interface Break {
  readonly reason: BreakReason
  /** First and last position concerned. */
  readonly from: number
  readonly to: number
}

export interface Range {
  /**
   * `intact`: what an anchor outside the database keeps a signed root of. `unanchored`: the chain holds, and nothing outside
   * the database confirms it. `erased`: the text was deleted as an order of the log says; the leaf still stands in the tree, and
   * what it said is not verified. `broken`: see the breaks. `missing`: the end of the log, which an anchor or the head knows of.
   */
  readonly state: 'intact' | 'unanchored' | 'erased' | 'broken' | 'missing'
  readonly from: number
  readonly to: number
}

export interface AnchorReport {
  readonly anchor: string
  /**
   * `signed` by the key that was given. `other_key`: by another one, which counts as broken. `no_key`: none was given to check
   * it with. `absent`: nothing is kept yet. `unreachable`: it could not be asked, and confirms nothing.
   */
  readonly state: 'signed' | 'other_key' | 'no_key' | 'damaged' | 'absent' | 'unreachable'
  /** How many events it says there were; null without a readable checkpoint. */
  readonly size: number | null
}

export interface RunReport {
  readonly workflow_run_id: string
  /**
   * `incomplete`: no end was recorded, because the run was interrupted or still goes on. `count_mismatch`: the end names
   * another number of events, or is not the last one. `no_header`: the run has no beginning.
   */
  readonly state: 'complete' | 'incomplete' | 'count_mismatch' | 'no_header'
  readonly events: number
  /** How many more there were, by the orders that had them erased. */
  readonly erased: number
  /** What the end says; null without an end. */
  readonly events_expected: number | null
  /** Calls with an intent and no settlement: whether a server answered them is not known. */
  readonly unsettled_calls: readonly string[]
}

export interface ObjectReport {
  readonly checked: number
  /** Content hashes of objects that an event names and the store does not have. */
  readonly missing: readonly string[]
  /** Content hashes whose object has other bytes. */
  readonly edited: readonly string[]
  /** How many are gone as an order of the log says that stands behind every event which names them. */
  readonly erased: number
}

export interface ErasureReport {
  /** Orders to erase that count: signed, if there is a key to check it with. */
  readonly orders: number
  /** Events whose text was erased by them. They stand in the tree; nobody can verify what they said. */
  readonly events: number
  /** Events that are to be erased and still have their text. */
  readonly waiting: number
}

export interface VerifyReport {
  /**
   * `broken`: something was changed, removed or added. `incomplete`: the log is whole, a run in it is not. `unanchored`:
   * whole, but nothing outside the database confirms all of it. `intact`: none of these; what was erased by order does not count against it.
   */
  readonly verdict: 'intact' | 'unanchored' | 'incomplete' | 'broken'
  /** Positions with a row, erased ones among them. */
  readonly events: number
  readonly anchors: readonly AnchorReport[]
  /** In order, without gaps, from 1. */
  readonly ranges: readonly Range[]
  /** In order; at most 1000 are listed. */
  readonly breaks: readonly Break[]
  readonly breaks_total: number
  readonly runs: readonly RunReport[]
  readonly erasures: ErasureReport
  /** Null when no object store was given. */
  readonly objects: ObjectReport | null
  /** Positions of security violations whose idempotency key stands in the log already (REC-021). */
  readonly duplicate_violations: readonly number[]
}
