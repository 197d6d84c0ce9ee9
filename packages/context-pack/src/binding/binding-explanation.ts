import type { ContextPackBinding, RoleContextPack, SourceHash, WorkUnitContextPack } from '@ctxlock/contracts/packs'

interface PackExplanation {
  readonly pack_hash: string
  readonly sources: readonly SourceHash[]
  /** How many texts were removed, all detectors together. */
  readonly redaction_count: number
}

export interface BindingExplanation {
  readonly binding_id: string
  readonly reason: ContextPackBinding['reason']
  readonly constraint_check: ContextPackBinding['constraint_check']
  readonly role_pack: PackExplanation & { readonly rule_ids: readonly string[] }
  readonly work_unit_pack: PackExplanation & {
    readonly context_packs: readonly { readonly target: string; readonly payload_hash: string }[]
  }
}

/** What went into the two packs of a binding: source hashes, rule ids and counts, no text (CP-058). */
export function explainBinding(
  binding: ContextPackBinding,
  rolePack: RoleContextPack,
  workUnitPack: WorkUnitContextPack,
): BindingExplanation {
  return {
    binding_id: binding.binding_id,
    reason: binding.reason,
    constraint_check: binding.constraint_check,
    role_pack: { ...explain(rolePack), rule_ids: rolePack.strict_rules.map(({ rule_id }) => rule_id) },
    work_unit_pack: {
      ...explain(workUnitPack),
      context_packs: workUnitPack.context_pack_refs.map(({ target, payload_hash }) => ({ target, payload_hash })),
    },
  }
}

function explain({ pack_hash, sources, redactions }: RoleContextPack | WorkUnitContextPack): PackExplanation {
  return { pack_hash, sources, redaction_count: redactions.reduce((sum, { count }) => sum + count, 0) }
}
