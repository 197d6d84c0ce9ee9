import { canonicalize, type Hash } from '@ctxlock/core-hash'
import { ContextPackBinding, type RoleContextPack, type WorkUnitContextPack } from '@ctxlock/contracts/packs'
import type { AutomationLevel, GovernanceMode } from '@ctxlock/contracts/primitives'

import { PackError, type PackErrorCode } from '../pack-error.ts'
import { bindingIdOf } from './binding.ts'
import { openBoundPacks, type VerifiedPacks } from './bound-packs.ts'

export interface VerifyBindingInput {
  /** As read from its store. */
  readonly binding: unknown
  /** Stored bytes by their hash; undefined when the store has none. */
  readonly readArtifact: (hash: Hash) => Uint8Array | undefined
  readonly verified?: VerifiedPacks
  readonly job: {
    readonly job_id: string
    readonly wp_id: string | null
    readonly mt_id: string | null
    readonly governance_mode: GovernanceMode
    readonly automation_level: AutomationLevel
  }
  /** What the governance registry pins for this role. */
  readonly protocolPins: RoleContextPack['protocol_refs']
}

export interface BindingFailure {
  readonly code: PackErrorCode
  /** Names fields, never contents. */
  readonly detail: string
}

export type BindingVerification =
  | {
      readonly status: 'valid'
      readonly binding: ContextPackBinding
      readonly rolePack: RoleContextPack
      readonly workUnitPack: WorkUnitContextPack
    }
  /** The call is refused and the first failure becomes FR-EVT-SEC-VIOLATION; none is ever a warning (CP-064). */
  | { readonly status: 'invalid'; readonly failures: readonly [BindingFailure, ...BindingFailure[]] }

/**
 * The check before every call (CP-053). Codes: `PACK_INVALID`, `PACK_MISSING`, `PACK_HASH_MISMATCH`, `PACK_CONSTRAINTS_WEAKENED`,
 * `PACK_ROLE_MISMATCH`, `PACK_WORK_UNIT_MISMATCH`, `PACK_PROTOCOL_MISMATCH`, `PACK_GOVERNANCE_MISMATCH` and those of the pack
 * verification. A binding or packs whose bytes are not the recorded ones are not looked into any further.
 */
export function verifyBinding(input: VerifyBindingInput): BindingVerification {
  const parsed = ContextPackBinding.safeParse(input.binding)
  if (!parsed.success) return invalid({ code: 'PACK_INVALID', detail: 'The binding breaks its schema.' })
  const binding = parsed.data
  if (bindingIdOf(binding) !== binding.binding_id) {
    return invalid({ code: 'PACK_HASH_MISMATCH', detail: 'The binding does not have the content its id names.' })
  }
  try {
    const { rolePack, workUnitPack } = openBoundPacks(binding, input.readArtifact, input.verified)
    const [first, ...rest] = mismatches(binding, rolePack.pack, workUnitPack.pack, input)
    return first
      ? invalid(first, rest)
      : { status: 'valid', binding, rolePack: rolePack.pack, workUnitPack: workUnitPack.pack }
  } catch (error) {
    if (error instanceof PackError) return invalid({ code: error.code, detail: error.message })
    throw error
  }
}

function mismatches(
  { identity, constraint_check, job_id }: ContextPackBinding,
  rolePack: RoleContextPack,
  { work_unit }: WorkUnitContextPack,
  { job, protocolPins }: VerifyBindingInput,
): BindingFailure[] {
  const isOfJob = job_id === job.job_id
  const isSameUnit = [identity, job].every(({ wp_id, mt_id }) => wp_id === work_unit.wp_id && mt_id === work_unit.mt_id)
  const checks: readonly (readonly [boolean, PackErrorCode, string])[] = [
    [constraint_check !== 'rejected', 'PACK_CONSTRAINTS_WEAKENED', 'The binding was rejected when it was made.'],
    [rolePack.role_id === identity.role, 'PACK_ROLE_MISMATCH', 'The role of the call is not the role of the pack.'],
    [isOfJob && isSameUnit, 'PACK_WORK_UNIT_MISMATCH', 'Job, identity and pack name different work units.'],
    [
      samePins(rolePack.protocol_refs, protocolPins),
      'PACK_PROTOCOL_MISMATCH',
      'The protocol references of the pack are not those the governance registry pins.',
    ],
    [
      rolePack.governance_mode === job.governance_mode && rolePack.automation_level === job.automation_level,
      'PACK_GOVERNANCE_MISMATCH',
      'Governance mode or automation level are not those of the job.',
    ],
  ]
  return checks.filter(([isMet]) => !isMet).map(([, code, detail]) => ({ code, detail }))
}

function samePins(refs: RoleContextPack['protocol_refs'], pins: RoleContextPack['protocol_refs']): boolean {
  const text = (list: RoleContextPack['protocol_refs']) =>
    canonicalize(list.map(({ ref_id, version, content_hash }) => canonicalize([ref_id, version, content_hash])).sort())
  return text(refs) === text(pins)
}

function invalid(first: BindingFailure, rest: readonly BindingFailure[] = []): BindingVerification {
  return { status: 'invalid', failures: [first, ...rest] }
}
