export { anchorLog } from './checkpoint/anchor-log.ts'
export type { AnchorOptions } from './checkpoint/anchor-log.ts'
export { checkProof } from './checkpoint/check-proof.ts'
export type { CheckedProof } from './checkpoint/check-proof.ts'
export { checkpointLog } from './checkpoint/checkpoint-log.ts'
export type { CheckpointOptions } from './checkpoint/checkpoint-log.ts'
export type { Checkpoint } from './checkpoint/checkpoint.ts'
export { openCheckpointSchedule } from './checkpoint/checkpoint-schedule.ts'
export type { CheckpointSchedule, ScheduleOptions } from './checkpoint/checkpoint-schedule.ts'
export { proveEvent } from './checkpoint/prove-event.ts'
export type { ProveOptions } from './checkpoint/prove-event.ts'
export { proveEvents } from './checkpoint/prove-events.ts'
export type { EventProofs, ProveEventsOptions } from './checkpoint/prove-events.ts'
export { openNote, parseVerifierKey, signNote } from './checkpoint/signed-note.ts'
export type { NoteSigner, NoteVerifier, OpenedNote } from './checkpoint/signed-note.ts'
export { newestCheckpoint } from './checkpoint/checkpoint-log.ts'
export { openCheckpoint } from './checkpoint/checkpoint.ts'
export type { OpenedCheckpoint } from './checkpoint/checkpoint.ts'
export { storedEvents, storedEventsAt } from './stored-events.ts'
export type { StoredEvent } from './stored-events.ts'
export { logPublicKey } from './checkpoint/public-key.ts'
export { carryOutErasures } from './erasure/carry-out-erasures.ts'
export type { CarriedOut, CarryOutOptions } from './erasure/carry-out-erasures.ts'
export { erasureOrders, signedOrders } from './erasure/erasure-orders.ts'
export type { ErasureOrder } from './erasure/erasure-orders.ts'
export { hasLog } from './log-tables.ts'
export { openRecorder } from './recorder.ts'
export type { Receipt, Recorder, RecorderOptions, RunEnd } from './recorder.ts'
export { RecorderError } from './recorder-error.ts'
export type { RecorderErrorCode } from './recorder-error.ts'
export { verifyLog } from './verify.ts'
export type { VerifyOptions } from './verify.ts'
export { readAnchors } from './verify/anchors.ts'
export type { KeptCheckpoint } from './verify/anchors.ts'
export type { VerifiableObjects } from './verify/objects.ts'
export type {
  AnchorReport,
  Break,
  BreakReason,
  ErasureReport,
  ObjectReport,
  Range,
  RunReport,
  VerifyReport,
} from './verify/report.ts'
export { explainCall } from './explain-call.ts'
export type { CallExplanation } from './explain-call.ts'
export { queryEvents } from './query.ts'
export type { EventCursor, EventFilter, EventPage, PageRequest } from './query.ts'
