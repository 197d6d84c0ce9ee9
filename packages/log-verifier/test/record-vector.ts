import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { StoredRecord } from '../src/index.ts'

/** A log that the recorder wrote, from the vectors that it is tested with. */
export interface RecordVector {
  readonly public_key: string
  readonly rows: readonly { readonly seq: number; readonly event_hash: string; readonly event: string }[]
  readonly head: { readonly count: number; readonly last_hash: string }
  readonly tile_0_0: string
  readonly checkpoints: readonly { readonly size: number; readonly note: string }[]
  readonly kept: string
  readonly proof: string
}

const FILE = join(import.meta.dirname, '../../../vectors/transparency-log/record.json')

export const vector: RecordVector = JSON.parse(readFileSync(FILE, 'utf8'))

export const record: StoredRecord = {
  rows: vector.rows.map(({ seq, event, event_hash }) => ({ seq, text: event, hash: event_hash })),
  head: { count: vector.head.count, lastHash: vector.head.last_hash },
  tileLeaves: vector.tile_0_0.match(/.{64}/g) ?? [],
  checkpoints: vector.checkpoints,
}
