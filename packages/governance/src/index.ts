export { parseAutomationLevel, parseGovernance, type GovernanceSettings } from './automation.ts'
export { type ChildBudget, closeChildBudget, openChildBudget } from './budgets/child-budget.ts'
export { callCost, priceOf } from './budgets/call-cost.ts'
export {
  costState,
  openCostBudget,
  releaseCost,
  reserveCost,
  settleAbandonedCosts,
  settleCost,
  type CostDecision,
  type CostReservation,
  type CostState,
} from './budgets/cost-budget.ts'
export {
  openTokenBudget,
  raiseTokenBudget,
  reserveTokens,
  settleAbandonedTokens,
  settleTokens,
  tokenBudgetState,
  type ReservationDecision,
  type SettledReservation,
  type TokenBudgetState,
  type TokenReservation,
} from './budgets/token-budget.ts'
export { checkCloudCall, recheckCloudCall } from './consent/check-cloud-call.ts'
export type {
  CloudCall,
  CloudCallDecision,
  CloudPermission,
  CloudRefusal,
  CloudRefusalCode,
  ConsentPorts,
} from './consent/cloud-call.ts'
export {
  answerConsentRequest,
  consentRequests,
  deniedConsentRequest,
  lastConsentRequest,
  openConsentRequest,
  standingReceipts,
  storeConsentRequest,
  type ConsentState,
  type StoredConsentRequest,
} from './consent/consent-requests.ts'
export { disclosureHash } from './consent/disclosure.ts'
export { eraseConsent } from './consent/erase-consent.ts'
export {
  readReceipt,
  revokeReceipt,
  storeReceipt,
  type IsHuman,
  type ReceiptStorage,
  type RevokedReceipt,
  type StoredReceipt,
} from './consent/receipt-store.ts'
export { gateApprover, type GateApprover } from './gate-approver.ts'
export { decideGate, type GateEvent, type GateQuestion, type GateResult } from './gate-decision.ts'
export { GovernanceError, type GovernanceErrorCode } from './governance-error.ts'
export { effectiveAssignment, type EffectiveAssignment, type TaskFacts } from './profiles/assignment.ts'
export type { ModelAtProvider, SelectionPolicy } from './profiles/candidate.ts'
export { effectiveCompute, type ComputeNotice, type EffectiveCompute } from './profiles/compute.ts'
export {
  modelScore,
  performanceSnapshots,
  type ModelPerformanceSnapshot,
  type RecordedInference,
} from './profiles/model-performance.ts'
export { parseProfile, profileProblems, ROLES } from './profiles/parse-profile.ts'
export {
  activeProfile,
  bindJobProfile,
  pinProfile,
  profileOfJob,
  profileState,
  selectProfile,
  type ProfileSelection,
} from './profiles/profile-store.ts'
export {
  resolveRole,
  type ChosenModel,
  type RejectedModel,
  type RejectionReason,
  type RoleResolution,
  type RoutingContext,
} from './profiles/resolve-role.ts'
export { parameterClass } from './providers/parameter-class.ts'
export {
  findProvider,
  parseProviders,
  providersOfModel,
  readRegistry,
  serializeRegistry,
  type ProviderRegistry,
  type RegistryOptions,
} from './providers/provider-registry.ts'
export { exportRegistry, type ExportedProvider } from './providers/registry-export.ts'
export {
  effectiveTier,
  type DeriveTier,
  type NetworkEntry,
  type TierDecision,
  type TieredModel,
} from './providers/tier.ts'
export { createRuleRegistry, isKnownAnchor, type RuleRegistry } from './rule-registry.ts'
export { prepareTables } from './tables.ts'
