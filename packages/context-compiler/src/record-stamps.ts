import type { Timestamp, Uuid } from '@ctxlock/contracts/primitives'

/** Where a record gets its id and creation time from. Neither enters a hash, so neither needs to be reproducible. */
export interface RecordStamps {
  uuid(): Uuid
  timestamp(): Timestamp
}
