export { missingCapabilities, neededCapabilities } from './capabilities.ts'
export { type EvidenceFinding, type EvidenceProblem, checkEvidence } from './completion-evidence.ts'
export { parseCompletionSignal } from './completion-signal.ts'
export { type Counters, type Decision, type DecisionState, INITIAL_COUNTERS, decide } from './decision.ts'
export { EDIT_FORMAT_INSTRUCTION } from './edits/edit-format.ts'
export { isProtectedPath, sameFileKey, unportableName } from './edits/path-rules.ts'
export { type EditRefusal, type EditRefusalCode, isScopeViolation } from './edits/edit-refusal.ts'
export { type EditReading, type EditScope, type ReadEdits, readEdits } from './edits/read-edits.ts'
export { executionWaves } from './execution-waves.ts'
export { type Finding, type FindingSeverity, type MicroTaskRule, hasErrors } from './finding.ts'
export { definitionsArtifact, refuseOtherDefinitions } from './definitions-artifact.ts'
export { generateMicroTasks } from './generate-micro-tasks.ts'
export { callKey, stepId } from './idempotency.ts'
export { CALL_TIMEOUT_MS, type CallPorts, callWithRetries } from './loop/call-with-retries.ts'
export { HARD_GATE } from './loop/escalation-chain.ts'
export { type IterationRequest } from './loop/iteration.ts'
export { type JudgePorts, judgeAttempt } from './loop/judge-attempt.ts'
export { type PatchPorts } from './loop/judge-patch.ts'
export { loopCancelled } from './loop/loop-bounds.ts'
export { type LoopEvent } from './loop/loop-event.ts'
export { type LoopHost } from './loop/loop-host.ts'
export { type LoopPlan, planLoop } from './loop/loop-plan.ts'
export { type Gate, type GateReason, readGateKey } from './loop/gate.ts'
export { type LoopEnd, type LoopState, initialState } from './loop/loop-state.ts'
export { type LoopAction, type LoopChild, type LoopSwap, nextAction } from './loop/next-action.ts'
export { microTaskMetrics } from './loop/metrics.ts'
export { progressArtifact } from './loop/progress.ts'
export { type ReadLedger, ledgerLine, readLedger, recoveredSteps } from './loop/run-ledger.ts'
export { runLoop } from './loop/run-loop.ts'
export { type RecordStore } from './loop/record-store.ts'
export { tokenWarning } from './loop/token-warning.ts'
export { MicroTaskError, type MicroTaskErrorCode } from './micro-task-error.ts'
export { LEAST_FILE_TOKENS, SECTION_TOKENS, cutToTokens, tailWithinTokens } from './prompt-sections.ts'
export { type QuotationCheck, type QuotationReport, type QuotationStatus, checkQuotations } from './quotation-check.ts'
export { type QuotedFile, type QuotedFileReader } from './source-text.ts'
export { type StatusLine, formatStatusLine, parseStatusLine, statusWords } from './status-line.ts'
export { type IntroducedMarker, introducedMarkers } from './unfinished-markers.ts'
export { type ValidationContext, validateDefinitions } from './validate-definitions.ts'
export { type HostedModel, clientModelHost } from './swap/client-model-host.ts'
export { type ModelSwaps, type SwapOptions, createModelSwaps } from './swap/model-swaps.ts'
export { SwapFailure } from './swap/swap-failure.ts'
export { type SwapJournalOptions, openSwapJournal } from './swap/swap-journal.ts'
export { type AfterSwap, afterSwap, swapPolicyOf } from './swap/swap-policy.ts'
export {
  type BoundContext,
  type HeldCalls,
  type ModelHost,
  type ModelMemory,
  type SwapContext,
  type SwapEvent,
  type SwapJournal,
  type SwapPorts,
  type SwapRefusal,
  type SwapStateStore,
} from './swap/swap-ports.ts'
export { type FileLocks, type LockOutcome, type LockRequest, openFileLocks } from './scheduler/file-locks.ts'
export { type LimitStore, type QueuedCall, type SchedulerEvent } from './scheduler/limit-store.ts'
export { type CallWork, type Scheduler, type SchedulerOptions, createScheduler } from './scheduler/scheduler.ts'
export { type LimitStoreOptions, openLimitStore } from './scheduler/sql-limit-store.ts'
