import { canonicalHash, toTimestamp, uuidFromHash } from '@ctxlock/core-hash'
import type { ContextPackBinding, RoleExecutionIdentity } from '@ctxlock/contracts/packs'
import type { Clock } from '@ctxlock/contracts/ports'

import { PackError } from '../pack-error.ts'
import type { BuiltPair } from './bound-packs.ts'
import { checkConstraints, type PackPair } from './constraint-check.ts'
import { deltaPaths } from './delta-paths.ts'

type BindingFields = Pick<
  ContextPackBinding,
  'job_id' | 'workflow_run_id' | 'session_id' | 'identity' | 'provider_id' | 'reason'
>

/** `identity` is the effective one: that of the calls that follow. */
export interface BindPacksInput extends BindingFields {
  /** What `buildRolePack` and `buildWorkUnitPack` returned. */
  readonly rolePack: BuiltPair['rolePack'] | undefined
  readonly workUnitPack: BuiltPair['workUnitPack'] | undefined
  /** The packs whose hashes were named by whoever asked; left out at job start, where they are the effective ones (CP-050). */
  readonly requested?: PackPair
  /** Left out: `built` at job start, else `reused_identical` when nothing differs and `rebuilt` when something does. */
  readonly assembly?: ContextPackBinding['assembly']
  /** Left out at job start, and only there. */
  readonly previous_binding_id?: string
  readonly swap_request_id?: string
  readonly cloud_escalation_request_id?: string
  readonly clock: Clock
}

export type BoundPacks =
  | { readonly status: 'bound'; readonly binding: ContextPackBinding; readonly packs: PackPair }
  /** To be recorded; no call may be made with it. `weakened` names what was lost by id. */
  | {
      readonly status: 'rejected'
      readonly code: 'PACK_CONSTRAINTS_WEAKENED'
      readonly binding: ContextPackBinding
      readonly weakened: readonly string[]
    }

/**
 * Ties a role pack and a work-unit pack to a job, a model and a reason (CP-048..CP-055). The binding id is derived from its
 * content, so a step that is repeated after a crash writes the same binding again.
 *
 * Throws `PACK_MISSING` when a pack or the requested pair is not there (CP-051), `PACK_ROLE_MISMATCH` and `PACK_WORK_UNIT_MISMATCH`
 * when identity and packs do not belong together, `PACK_INVALID` for a claim the hashes contradict.
 */
export function bindPacks(input: BindPacksInput): BoundPacks {
  const { identity, reason, rolePack, workUnitPack, previous_binding_id = null } = input
  if (!rolePack || !workUnitPack) {
    throw new PackError('PACK_MISSING', 'A call needs a role pack and a work-unit pack; build both before binding.')
  }
  const effective = { rolePack: rolePack.pack, workUnitPack: workUnitPack.pack }
  const requested = requestedPair(input, effective)
  assertBelongTogether(identity, requested, effective)
  if ((previous_binding_id === null) !== (reason === 'job_start')) {
    throw new PackError('PACK_INVALID', 'A binding has no previous one exactly when it is made at job start.')
  }

  const changed = deltaPaths(requested, effective)
  const constraints = checkConstraints(requested, effective)
  const body = {
    schema_version: 'hsk.context_pack_binding@1',
    job_id: input.job_id,
    workflow_run_id: input.workflow_run_id,
    session_id: input.session_id,
    identity,
    provider_id: input.provider_id,
    reason,
    role_pack: {
      requested_hash: requested.rolePack.pack_hash,
      effective_hash: effective.rolePack.pack_hash,
      artifact: rolePack.artifact,
    },
    work_unit_pack: {
      requested_hash: requested.workUnitPack.pack_hash,
      effective_hash: effective.workUnitPack.pack_hash,
      artifact: workUnitPack.artifact,
    },
    assembly: assemblyOf(input, changed),
    delta_paths: changed,
    constraint_check: constraints.check,
    previous_binding_id,
    swap_request_id: input.swap_request_id ?? null,
    cloud_escalation_request_id: input.cloud_escalation_request_id ?? null,
  } as const
  const binding: ContextPackBinding = {
    ...body,
    binding_id: bindingIdOf(body),
    created_at: toTimestamp(new Date(input.clock.now())),
  }
  if (constraints.check !== 'rejected') return { status: 'bound', binding, packs: effective }
  return { status: 'rejected', code: 'PACK_CONSTRAINTS_WEAKENED', binding, weakened: constraints.weakened }
}

/** The id a binding has by its content; the moment it was made is no part of that. */
export function bindingIdOf(binding: Omit<ContextPackBinding, 'binding_id' | 'created_at'>): string {
  const { binding_id: _, created_at: __, ...body } = { binding_id: '', created_at: '', ...binding }
  return uuidFromHash(canonicalHash(body))
}

function assemblyOf({ assembly, reason }: BindPacksInput, changed: readonly string[]): ContextPackBinding['assembly'] {
  if (assembly === 'reused_identical' && changed.length > 0) {
    throw new PackError(
      'PACK_INVALID',
      'The packs differ from the requested ones, so they were not reused identically.',
    )
  }
  return assembly ?? (reason === 'job_start' ? 'built' : changed.length === 0 ? 'reused_identical' : 'rebuilt')
}

function requestedPair({ requested, reason }: BindPacksInput, effective: PackPair): PackPair {
  if (reason === 'job_start') return effective
  if (requested) return requested
  throw new PackError(
    'PACK_MISSING',
    `A binding for ${reason} needs the packs that were requested; load them by their hashes.`,
  )
}

function assertBelongTogether(identity: RoleExecutionIdentity, requested: PackPair, effective: PackPair): void {
  for (const { rolePack, workUnitPack } of [requested, effective]) {
    if (rolePack.role_id !== identity.role || workUnitPack.role_id !== identity.role) {
      throw new PackError('PACK_ROLE_MISMATCH', `The packs are not those of the role ${identity.role}.`)
    }
    const { wp_id, mt_id } = workUnitPack.work_unit
    if (wp_id !== identity.wp_id || mt_id !== identity.mt_id) {
      throw new PackError('PACK_WORK_UNIT_MISMATCH', 'The work-unit pack is not that of the identity.')
    }
    if (workUnitPack.role_pack_hash !== rolePack.pack_hash) {
      throw new PackError('PACK_HASH_MISMATCH', 'The work-unit pack was assembled against another role pack.')
    }
  }
}
