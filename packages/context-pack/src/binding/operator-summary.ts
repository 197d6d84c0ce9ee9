import type { ContextPackFreshnessSummary } from '@ctxlock/contracts/freshness'
import type { ContextPackBinding, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'

const SHOWN_LOCK_PATHS = 10

export interface OperatorSummary {
  readonly role: string
  readonly runtime_role: string
  readonly model_id: string | null
  readonly provider_id: string
  readonly backend: string | null
  readonly parameter_class: string | null
  /** In full; people are shown the first 12 characters. */
  readonly role_pack_hash: string
  readonly work_unit_pack_hash: string
  /** `same` or `changed (<n> paths)`. */
  readonly requested_vs_effective: string
  readonly wp_id: string
  readonly mt_id: string | null
  /** At most ten, then `+<n> more`. */
  readonly lock_paths: readonly string[]
  /** `no` or `yes (<consent receipt id>)`. */
  readonly cloud: string
  readonly freshness: Pick<ContextPackFreshnessSummary, 'fresh' | 'regenerated' | 'fallback' | 'degraded'>
}

/** The table of spec 02 section 11 for one binding (CP-060): ids, hashes and counts; no rule text and no file contents. */
export function operatorSummary(
  binding: ContextPackBinding,
  rolePack: RoleContextPack,
  workUnitPack: WorkUnitContextPack,
  call: { readonly consentReceiptId?: string; readonly freshness: OperatorSummary['freshness'] },
): OperatorSummary {
  const { identity, delta_paths: changed } = binding
  const { lock_keys: locks } = workUnitPack.lock_set
  const { fresh, regenerated, fallback, degraded } = call.freshness
  return {
    role: identity.role,
    runtime_role: rolePack.runtime_role,
    model_id: identity.model_id,
    provider_id: binding.provider_id,
    backend: identity.backend,
    parameter_class: identity.parameter_class,
    role_pack_hash: binding.role_pack.effective_hash,
    work_unit_pack_hash: binding.work_unit_pack.effective_hash,
    requested_vs_effective: changed.length === 0 ? 'same' : `changed (${changed.length} paths)`,
    wp_id: workUnitPack.work_unit.wp_id,
    mt_id: workUnitPack.work_unit.mt_id,
    lock_paths:
      locks.length > SHOWN_LOCK_PATHS
        ? [...locks.slice(0, SHOWN_LOCK_PATHS), `+${locks.length - SHOWN_LOCK_PATHS} more`]
        : locks,
    cloud: call.consentReceiptId === undefined ? 'no' : `yes (${call.consentReceiptId})`,
    freshness: { fresh, regenerated, fallback, degraded },
  }
}
