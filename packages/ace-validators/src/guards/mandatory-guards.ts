import type { Guard } from '@ctxlock/contracts/guards'

import { artifactHandleGuard } from './artifact-handle-only.ts'
import { cacheKeyGuard } from './cache-key.ts'
import { cloudLeakageGuard } from './cloud-leakage.ts'
import { compactionSchemaGuard } from './compaction-schema.ts'
import { contextDeterminismGuard } from './context-determinism.ts'
import { contextPackFreshnessGuard } from './context-pack-freshness.ts'
import { indexDriftGuard } from './index-drift.ts'
import { jobBoundaryGuard } from './job-boundary.ts'
import { localPayloadGuard } from './local-payload.ts'
import { memoryPromotionGuard } from './memory-promotion.ts'
import { promptInjectionGuard } from './prompt-injection.ts'
import { retrievalBudgetGuard } from './retrieval-budget.ts'

/** The twelve guards, in the order they run (VAL-003). A pipeline without one of them does not start (VAL-001, VAL-008). */
export const MANDATORY_GUARDS: readonly Guard[] = Object.freeze(
  [
    contextDeterminismGuard,
    jobBoundaryGuard,
    retrievalBudgetGuard,
    cacheKeyGuard,
    contextPackFreshnessGuard,
    indexDriftGuard,
    artifactHandleGuard,
    compactionSchemaGuard,
    memoryPromotionGuard,
    localPayloadGuard,
    cloudLeakageGuard,
    promptInjectionGuard,
  ].map((guard) => Object.freeze(guard)),
)
