export { checkPack, checkPacks, recheckPacks, type CheckedPack, type FreshnessRules } from './check.ts'
export { currentHashes, type CurrentHash, type CurrentHashes, type FreshnessReads } from './current-hashes.ts'
export { decide, isPossible, worstOutcome, type Decision, type DecisionInput } from './decision.ts'
export { examinePack, type Examination, type PackToExamine, type StaleSource } from './examination.ts'
export { FreshnessError, type FreshnessErrorCode, type FreshnessErrorDetails } from './freshness-error.ts'
export {
  effectiveRegeneration,
  lintPolicy,
  parsePolicy,
  type EffectiveRegeneration,
  type PolicyLint,
  type RegenerationGates,
} from './policy.ts'
export { recordedDecision, refuseStaleCall, warningTokens } from './recorded-decision.ts'
export type { Regenerate, RegenerationOptions } from './regeneration.ts'
export { replayPacks, type ReplayedPack } from './replay.ts'
export { targetId, type PackIdentity, type VerifiedPack } from './stored-pack.ts'
export { summarise, type CallFreshness } from './summary.ts'
export { freshnessViolations, verifyTrace, type TraceReads } from './trace-verification.ts'
