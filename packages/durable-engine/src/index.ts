export { openEngine, type EngineOptions } from './engine.ts'
export type { Fence, Owner } from './engine-parts.ts'
export { identityOfStep } from './step-identity.ts'
export { readRunState, readStoredRun, type StoredRun } from './stored-run.ts'
