// What each error code of a package means at the command line. A code without a row does not compile.
import type { ValidatorErrorCode } from '@ctxlock/ace-validators'
import type { ArtifactErrorCode } from '@ctxlock/artifact-store'
import type { CompileErrorCode } from '@ctxlock/context-compiler'
import type { PackErrorCode } from '@ctxlock/context-pack'
import type { EngineErrorCode } from '@ctxlock/contracts/engine'
import type { RecorderErrorCode } from '@ctxlock/flight-recorder'
import type { FreshnessErrorCode } from '@ctxlock/freshness-guard'
import type { GovernanceErrorCode } from '@ctxlock/governance'
import type { MicroTaskErrorCode } from '@ctxlock/micro-task'

import { EXIT_CODE } from '../exit-code.ts'
import { BUG, CORRECT_CONFIG, CORRECT_TASK, DAMAGED_STATE, NEWER_TABLES, NOTHING_SENT, type Advice } from './advice.ts'

const BUDGET_OF_RUN: Advice = {
  exit: EXIT_CODE.usage,
  hint: 'A run keeps the budget it began with: put that back into the config, or start a new run.',
}
const CONSENT_LIST: Advice = {
  exit: EXIT_CODE.usage,
  hint: '`ctxlock consent list` shows what waits and what was answered; nothing was sent.',
}

export const GOVERNANCE_ADVICE: Readonly<Record<GovernanceErrorCode, Advice>> = {
  REGISTRY_INVALID: CORRECT_CONFIG,
  REGISTRY_ALTERED: DAMAGED_STATE,
  PROFILE_INVALID: CORRECT_CONFIG,
  PROFILE_ALTERED: DAMAGED_STATE,
  PROFILE_PINNED: {
    exit: EXIT_CODE.usage,
    hint: '`ctxlock profile list` shows which profiles were used; nothing was sent.',
  },
  PROFILE_BOUND: {
    exit: EXIT_CODE.usage,
    hint: 'Go on with the profile the run began with, or start a new run; nothing was sent.',
  },
  GOVERNANCE_INVALID: CORRECT_CONFIG,
  RECEIPT_INVALID: CONSENT_LIST,
  RECEIPT_ALTERED: DAMAGED_STATE,
  RECEIPT_CONFLICT: CONSENT_LIST,
  RECEIPT_UNKNOWN: CONSENT_LIST,
  BUDGET_UNKNOWN: BUG,
  BUDGET_CONFLICT: BUDGET_OF_RUN,
  BUDGET_INVALID: CORRECT_CONFIG,
  REQUEST_INVALID: CONSENT_LIST,
  REQUEST_ALTERED: DAMAGED_STATE,
  REQUEST_CONFLICT: CONSENT_LIST,
  REQUEST_UNKNOWN: CONSENT_LIST,
  REQUEST_ANSWERED: { ...CONSENT_LIST, exit: EXIT_CODE.refused },
  RULES_INVALID: CORRECT_CONFIG,
  TABLES_NEWER: NEWER_TABLES,
}

export const MICRO_TASK_ADVICE: Readonly<Record<MicroTaskErrorCode, Advice>> = {
  STEP_NAME_REPEATED: CORRECT_TASK,
  STEP_UNKNOWN: CORRECT_TASK,
  STEP_NUMBER_INVALID: BUG,
  DEFINITIONS_FOREIGN: { exit: EXIT_CODE.verificationFailed, hint: 'Nothing was sent. Run `ctxlock verify`.' },
  SWAP_REQUEST_INVALID: CORRECT_TASK,
  SWAP_REQUEST_REUSED: BUG,
  SWAP_UNDER_WAY: { exit: EXIT_CODE.refused, hint: 'Go on with the run: `ctxlock resume <run>`. Nothing was sent.' },
  SWAP_RECORD_DAMAGED: DAMAGED_STATE,
  CALL_REUSED: BUG,
  LOCK_PATH_INVALID: CORRECT_TASK,
  MODULE_MISSING: CORRECT_TASK,
  CHAIN_INVALID: CORRECT_TASK,
  LEDGER_DAMAGED: {
    exit: EXIT_CODE.verificationFailed,
    hint: 'Nothing was sent; what the file held stands in the steps of the run as well.',
  },
}

const RESUMED_RUN: Advice = {
  exit: EXIT_CODE.usage,
  hint: 'A run is resumed with the same task file and the id that was printed.',
}

export const ENGINE_ADVICE: Readonly<Record<EngineErrorCode, Advice>> = {
  ID_INVALID: RESUMED_RUN,
  NOT_JSON: RESUMED_RUN,
  TOO_LARGE: { exit: EXIT_CODE.usage, hint: 'Divide the task file into smaller ones.' },
  OPTION_INVALID: RESUMED_RUN,
  RUN_UNKNOWN: RESUMED_RUN,
  RUN_CONFLICT: RESUMED_RUN,
  RUN_FINISHED: RESUMED_RUN,
  RUN_TAKEN: { exit: EXIT_CODE.refused, hint: 'Nothing was sent by this process.' },
  SIGNAL_CONFLICT: RESUMED_RUN,
  WORKFLOW_UNKNOWN: NEWER_TABLES,
  ACTIVITY_UNKNOWN: NEWER_TABLES,
  VERSION_MISMATCH: {
    exit: EXIT_CODE.usage,
    hint: 'Go on with the release of ctxlock that began the run, or start a new run.',
  },
  NON_DETERMINISM: {
    exit: EXIT_CODE.usage,
    hint: 'Go on with the release of ctxlock and the files that the run began with, or start a new run.',
  },
  STEP_FAILED: RESUMED_RUN,
  STEP_TIMEOUT: RESUMED_RUN,
  INSIDE_TRANSACTION: BUG,
  COMMIT_ASYNC: BUG,
  ENGINE_CLOSED: BUG,
  STATE_CORRUPT: DAMAGED_STATE,
  SCHEMA_NEWER: NEWER_TABLES,
}

const STORED_PACK: Advice = {
  exit: EXIT_CODE.refused,
  hint: 'Nothing was sent. `ctxlock verify` says whether what is stored was altered.',
}
const RULE_FILE: Advice = { exit: EXIT_CODE.usage, hint: 'Nothing was sent.' }

export const PACK_ADVICE: Readonly<Record<PackErrorCode, Advice>> = {
  PACK_INVALID: STORED_PACK,
  PACK_NOT_ANCHORED: NOTHING_SENT,
  PACK_SOURCE_UNSTABLE: { exit: EXIT_CODE.refused, hint: 'Run the command again when nothing writes to the file.' },
  PACK_SECRET_DETECTED: NOTHING_SENT,
  PACK_ABSOLUTE_PATH: NOTHING_SENT,
  PACK_RUNTIME_READ_REF: {
    ...NOTHING_SENT,
    hint: 'Nothing was sent. Move the file, or leave it out with `sources.exclude` of the config: what is no source gives no rules.',
  },
  PACK_UNGOVERNED_RULE: NOTHING_SENT,
  PACK_UNKNOWN_ANCHOR: NOTHING_SENT,
  PACK_HIDDEN_TEXT: NOTHING_SENT,
  PACK_RULE_FILE_UNREADABLE: RULE_FILE,
  PACK_RULE_IMPORT_REFUSED: RULE_FILE,
  PACK_BUDGET_EXCEEDED: NOTHING_SENT,
  PACK_SCOPE_VIOLATION: NOTHING_SENT,
  PACK_MISSING: STORED_PACK,
  PACK_HASH_MISMATCH: STORED_PACK,
  PACK_ROLE_MISMATCH: STORED_PACK,
  PACK_WORK_UNIT_MISMATCH: STORED_PACK,
  PACK_PROTOCOL_MISMATCH: STORED_PACK,
  PACK_GOVERNANCE_MISMATCH: STORED_PACK,
  PACK_CONSTRAINTS_WEAKENED: {
    exit: EXIT_CODE.refused,
    hint: 'Nothing was sent. Put what bound the run back into the rule files and the config and go on with it, or start a new run.',
  },
  PACK_CACHE_UNSUPPORTED: NEWER_TABLES,
  LOCK_INVALID: NOTHING_SENT,
  LOCK_HASH_MISMATCH: NOTHING_SENT,
}

const VERIFY_STORE = 'Run `ctxlock verify` to see what is damaged.'
const DAMAGED_OBJECT: Advice = { exit: EXIT_CODE.verificationFailed, hint: VERIFY_STORE }
const FAILED_STORE: Advice = { exit: EXIT_CODE.failed, hint: VERIFY_STORE }

export const ARTIFACT_ADVICE: Readonly<Record<ArtifactErrorCode, Advice>> = {
  ARTIFACT_MISSING: DAMAGED_OBJECT,
  ARTIFACT_HASH_MISMATCH: DAMAGED_OBJECT,
  ARTIFACT_INVALID: BUG,
  ARTIFACT_STORE_FAILED: FAILED_STORE,
  ARTIFACT_STORE_VERSION: NEWER_TABLES,
  VAULT_KEY_INVALID: { exit: EXIT_CODE.failed, hint: 'Put a backup of the key of the vault in its place.' },
  VAULT_WRONG_KEY: { exit: EXIT_CODE.failed, hint: 'Put the key that wrote the object in its place.' },
  VAULT_TRUNCATED: DAMAGED_OBJECT,
  VAULT_NOT_CIPHERTEXT: DAMAGED_OBJECT,
  VAULT_EXPIRED: { exit: EXIT_CODE.failed, hint: 'Its time to live is over; it was removed for good.' },
}

const RECORD_FAILED: Advice = {
  exit: EXIT_CODE.failed,
  hint: 'What cannot be recorded is not done; `ctxlock verify` says whether the log is whole.',
}

export const RECORDER_ADVICE: Readonly<Record<RecorderErrorCode, Advice>> = {
  'HSK-400-INVALID-EVENT': RECORD_FAILED,
  'HSK-400-INVALID-QUERY': RECORD_FAILED,
  'HSK-400-INVALID-KEY': { exit: EXIT_CODE.usage, hint: '`ctxlock prove` prints the public key of a log.' },
  'HSK-404-NOT-SIGNED': {
    exit: EXIT_CODE.usage,
    hint: 'Events are signed at the end of a run; `ctxlock verify` counts them.',
  },
  'HSK-409-LOG-DIVERGED': {
    exit: EXIT_CODE.verificationFailed,
    hint: 'Run `ctxlock verify`, which says what differs.',
  },
  'HSK-410-ERASED': { exit: EXIT_CODE.stale, hint: '`ctxlock verify` says whether a recorded order did so.' },
  'HSK-409-UNCOMMITTED': RECORD_FAILED,
  'HSK-409-LOG-VERSION': {
    exit: EXIT_CODE.usage,
    hint: 'Or use the release of ctxlock that wrote it; nothing was changed.',
  },
  'HSK-500-DB': RECORD_FAILED,
}

export const VALIDATOR_ADVICE: Readonly<Record<ValidatorErrorCode, Advice>> = {
  PATTERN_INVALID: NOTHING_SENT,
  GUARD_MISSING: NOTHING_SENT,
  INPUT_NOT_PLAIN: NOTHING_SENT,
  JOB_POISONED: {
    exit: EXIT_CODE.poisoned,
    hint: 'What was under way was stopped; what had arrived of an answer was dropped.',
  },
  JOB_STATE_INVALID: NOTHING_SENT,
  POISONED_INPUTS_RETRIED: NOTHING_SENT,
  POISON_IN_TRANSACTION: NOTHING_SENT,
  MUTATION_ASYNC: NOTHING_SENT,
}

/** What is indexed is brought up to date when a command begins. */
const CHANGED_MEANWHILE: Advice = {
  exit: EXIT_CODE.stale,
  hint: 'Nothing was sent. Ask again, or go on with the run, which then sees the sources as they are now: `ctxlock resume last`.',
}
const STALE: Advice = {
  exit: EXIT_CODE.stale,
  hint: 'Run `ctxlock check` to see what changed, then `ctxlock lock`. Nothing was sent.',
}

export const CONTEXT_ADVICE: Readonly<Record<CompileErrorCode | FreshnessErrorCode, Advice>> = {
  InvalidInput: NOTHING_SENT,
  QueryPlanRequired: NOTHING_SENT,
  RouteUnavailable: NOTHING_SENT,
  RequiredRouteFailed: NOTHING_SENT,
  ContextPackStale: STALE,
  IndexDrift: CHANGED_MEANWHILE,
  EmbeddingInvalid: { exit: EXIT_CODE.provider, hint: 'Check `embedding` in the config and the server it names.' },
  RerankInvalid: NOTHING_SENT,
  CandidateListTampered: NOTHING_SENT,
  ReplaySourceChanged: STALE,
  ReplayMismatch: NOTHING_SENT,
  PrefixContamination: NOTHING_SENT,
  DuplicateOrderKey: NOTHING_SENT,
  EvidenceWithoutSource: NOTHING_SENT,
  PinnedOverflow: NOTHING_SENT,
  BudgetExceeded: NOTHING_SENT,
  SeedRequired: NOTHING_SENT,
  RawWriteRefused: NOTHING_SENT,
  SnapshotMutated: STALE,
  POLICY_INVALID: NOTHING_SENT,
  PACK_UNIDENTIFIABLE: NOTHING_SENT,
  READ_FAILED: NOTHING_SENT,
  DECISION_IMPOSSIBLE: NOTHING_SENT,
  REPLAY_PACK_UNAVAILABLE: NOTHING_SENT,
  RECORD_INCONSISTENT: NOTHING_SENT,
  REGENERATION_TIMEOUT: NOTHING_SENT,
  REGENERATION_CANCELLED: NOTHING_SENT,
}
