export { bindingIdOf, bindPacks, type BindPacksInput, type BoundPacks } from './binding/binding.ts'
export { assemblePacks, openBoundPacks, type BuiltPair } from './binding/bound-packs.ts'
export { explainBinding, type BindingExplanation } from './binding/binding-explanation.ts'
export {
  verifyBinding,
  type BindingFailure,
  type BindingVerification,
  type VerifyBindingInput,
} from './binding/binding-verification.ts'
export { checkConstraints, type ConstraintCheck, type PackPair } from './binding/constraint-check.ts'
export { operatorSummary, type OperatorSummary } from './binding/operator-summary.ts'
export { redactedExport, type RedactedExport } from './binding/redacted-export.ts'
export { openPackCache, type PackCache, type PackSummary } from './cache/pack-cache.ts'
export { builtInExtractors } from './extractors/built-in.ts'
export { prepareExtractors } from './extractors/checked-extraction.ts'
export { buildLockfile, lockedSource, type FileFacts, type LockfileInput } from './lockfile/lockfile.ts'
export type { TaskScope } from './lockfile/locked-reads.ts'
export type {
  ExclusionChange,
  HashedSource,
  NamedChange,
  ReadChange,
  RuleChange,
  SourceChange,
} from './lockfile/lockfile-changes.ts'
export { checkLockfile, type CurrentState, type LockfileCheck } from './lockfile/lockfile-check.ts'
export { diffLockfile, type LockfileDiff } from './lockfile/lockfile-diff.ts'
export { parseLockfile } from './lockfile/lockfile-parser.ts'
export { formatLockfile, lockfileLines } from './lockfile/lockfile-text.ts'
export { describeBuilder, type BuilderOptions } from './pack/builder.ts'
export {
  buildContextPack,
  type ContextPackInput,
  type ContextPackResult,
  type PackCandidate,
  type SourceTokens,
  type StoredPack,
} from './pack/context-pack.ts'
export {
  readContextPack,
  usableFacts,
  type InvalidPackReason,
  type ReadContextPack,
} from './pack/context-pack-reader.ts'
export {
  derivePack,
  type DerivationInput,
  type DerivedPack,
  type NotPacked,
  type PackedSource,
} from './pack/derived-pack.ts'
export { DEFAULT_PACK_LIMITS, type PackLimits } from './pack/limits.ts'
export { fileIdentity, packIdOf, reuseKeyOf, type PackIdentity } from './pack/pack-identity.ts'
export { packRecord, sealRecord, type UnsealedRecord } from './pack/pack-record.ts'
export { PackError, type PackErrorCode } from './pack-error.ts'
export {
  buildRolePack,
  verifyRolePack,
  type BuiltPack,
  type RolePackInput,
  type RolePackPorts,
} from './roles/role-pack.ts'
export { buildWorkUnitPack, verifyWorkUnitPack, type WorkUnitPackInput } from './roles/work-unit-pack.ts'
export type { WorkUnitPackPorts } from './roles/work-unit-checks.ts'
export { assertLockableRules } from './rules/lockable-rules.ts'
export { registeredRules } from './rules/registered-rules.ts'
export { parseRules, type RuleFile } from './rules/rule-file.ts'
export { rulesInForce, type RuleReach } from './rules/rule-reach.ts'
export { readRuleSources, type RuleSource, type RuleSourcesInput } from './rules/rule-sources.ts'
export {
  DEFAULT_STRICT_RULES_MAX_TOKENS,
  STRICT_RULES_TOKEN_CEILING,
  strictRulesTokens,
  type RuleAnchors,
} from './rules/strict-rules.ts'
export { createFieldRedactor, type RedactedField } from './text/field-redactor.ts'
