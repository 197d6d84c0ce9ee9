import type { ProgressEvent } from '@ctxlock/contracts/progress'

/** What the loop has to say about itself; the host adds the envelope and records it before the change happens (MT-011). */
export type LoopEvent = Extract<ProgressEvent, { fr_event_id: `FR-EVT-MT-${string}` }>
