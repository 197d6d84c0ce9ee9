import type { EscalationRecord } from '@ctxlock/contracts/micro-task-run'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

/** Keeps a record and gives its handle. Content-addressed: keeping the same one again changes nothing. */
export type RecordStore = (record: EscalationRecord) => ArtifactHandle
