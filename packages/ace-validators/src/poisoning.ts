// The poisoning directive: job states, the gate every change passes, and what a detected injection does (spec 05 section 5).
export { fencedDatabase } from './poisoning/fenced-database.ts'
export { createJobNodes, type JobAborts, type JobNodes, type JobNodesOptions } from './poisoning/job-nodes.ts'
export {
  assertNotPoisoned,
  createJobTable,
  type JobRecord,
  moveJob,
  mutate,
  type MutationFence,
  type NewJob,
  openFence,
  readJob,
  registerJob,
} from './poisoning/job-table.ts'
export { eventMatches, type PoisonEvent, type PoisonRequest } from './poisoning/poison-event.ts'
export {
  poisonJob,
  type PoisonResult,
  type RecordPoisonEvent,
  type RecoveredJob,
  recoverPoisonedJobs,
} from './poisoning/poison-job.ts'
