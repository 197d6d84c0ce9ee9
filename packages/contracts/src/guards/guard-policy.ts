import { z } from 'zod'

import { LayerScope } from '../context.ts'
import { type AutomationLevel, type DeterminismMode, Hash, Identifier, ModelTier } from '../primitives.ts'
import type { CacheKey, RetrievalBudgets } from '../retrieval.ts'
import type { InjectionWaiver } from '../waivers.ts'

/** What must not change while a job lives (VAL-045). The run ledger keeps it with its canonical hash. */
export const JobBaseline = z
  .strictObject({ policy_profile_id: Identifier, policy_hash: Hash, model_tier: ModelTier, layer_scope: LayerScope })
  .meta({ id: 'JobBaseline' })
export type JobBaseline = z.infer<typeof JobBaseline>

export interface GuardJob {
  readonly job_id: string
  readonly parent_job_id: string | null
  readonly determinism_mode: DeterminismMode
  readonly baseline: JobBaseline
  /** The canonical hash written to the run ledger when the job was created (VAL-047). */
  readonly baseline_hash: Hash
  /** The same facts as they are now; its tier is derived from the endpoint, not claimed (PROV-045, VAL-035). */
  readonly current: JobBaseline
}

export interface InjectionPattern {
  readonly id: string
  readonly text: string
}

/** The pattern packs a profile may choose. */
export const PatternPackId = z.enum(['override-phrases', 'tool-call-lures', 'other-languages', 'misspellings'])
export type PatternPackId = z.infer<typeof PatternPackId>

/** The part of the policy profile that decides what the scanner finds. */
export interface ScanPolicy {
  readonly injection_patterns: readonly InjectionPattern[]
  /** What they find is quarantined, whatever the view. */
  readonly injection_packs: readonly PatternPackId[]
  /** View V6; default on (spec 05 section 4). */
  readonly quarantine_view: boolean
}

/** What becomes of a candidate in which only a derived view shows a pattern. What the mandatory view shows always poisons. */
export const OnCandidateHit = z.enum(['poison', 'quarantine'])
export type OnCandidateHit = z.infer<typeof OnCandidateHit>

/** The part of the policy profile that decides whether a waiver holds. */
export interface WaiverPolicy extends ScanPolicy {
  readonly policy_profile_id: string
  readonly automation_level: AutomationLevel
  /** Off unless the profile says so; under `LOCKED` no waiver holds in any case. */
  readonly allow_waivers: boolean
}

/** The part of the policy profile that guards read. */
export interface GuardPolicy extends WaiverPolicy {
  readonly on_candidate_hit: OnCandidateHit
  /** Those the host knows a person of this machine stands behind. Whether one holds is for the guard to find out. */
  readonly waivers: readonly InjectionWaiver[]
  readonly on_drift: 'fail' | 'degrade'
  readonly budgets: RetrievalBudgets
  /** Rerank methods declared deterministic for identical inputs (ACE-041). */
  readonly deterministic_rerankers: readonly string[]
  /** Stages this host caches; in strict mode each one that ran needs a key (VAL-057). */
  readonly cacheable_stages: readonly CacheKey['cache_kind'][]
  /** How an encrypted object of the vault begins, in hex (VAL-051). */
  readonly payload_magic: string
}
