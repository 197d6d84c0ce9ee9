/** What is wrong with a bundle, at which line of the file, counted from 1. */
export interface BundleProblem {
  readonly line: number
  readonly problem: BundleProblemKind
}

export type BundleProblemKind =
  /** Larger than a bundle may be; nothing of it was read. */
  | 'too_large'
  /** The public key it is checked with is none. */
  | 'key_invalid'
  /** Not one canonical JSON record of a known form on a line that ends. */
  | 'line_unreadable'
  /** It does not begin with a head, or a line stands where its kind may not. */
  | 'line_out_of_place'
  /** Another number of lines of a kind than the head says. */
  | 'lines_missing_or_added'
  /** There is no seal at the end: the file was cut. */
  | 'seal_missing'
  /** Something in the file was changed after it was sealed. */
  | 'changed_after_sealing'
  /** Seal, checkpoint or head are of another key than the given one. */
  | 'other_key'
  | 'checkpoint_damaged'
  /** The tree of this checkpoint is not an earlier state of the last one's. */
  | 'checkpoint_inconsistent'
  /** Its text is not what was hashed. */
  | 'event_changed'
  /** The signed tree has another event at this place. */
  | 'event_not_in_log'
  | 'event_out_of_order'
  /** Hashed and signed, and no event of this version, or one that says another place. */
  | 'event_invalid'
  | 'event_of_another_run'
  /** Its text is gone, and no order in the bundle erased it. */
  | 'event_taken_away'
  /** It shows more, or less, than the redaction the head names. */
  | 'redaction_mismatch'
  /** The end of a run promises another number of events than there are. */
  | 'events_missing_or_added'
  | 'object_changed'
  | 'object_repeated'
  /** No event names it. */
  | 'object_unnamed'
  /** An event names it, and no line tells what became of it. */
  | 'object_absent'
  | 'receipt_changed'
  | 'receipt_absent'
  | 'receipt_of_another_call'
