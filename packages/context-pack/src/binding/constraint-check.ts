import { canonicalize } from '@ctxlock/core-hash'
import type { RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import type { AutomationLevel, GovernanceMode } from '@ctxlock/contracts/primitives'

import { isLocked } from '../path-rules.ts'
import { uncoveredScope } from './scope-cover.ts'

export interface PackPair {
  readonly rolePack: RoleContextPack
  readonly workUnitPack: WorkUnitContextPack
}

export type ConstraintCheck =
  | { readonly check: 'equal' | 'tightened' }
  /** Names the constraints that were lost, such as `strict_rules: R-0A1B2C3D4E5F`. */
  | { readonly check: 'rejected'; readonly weakened: readonly string[] }

const STRENGTH: Readonly<Record<GovernanceMode, number>> = { gov_light: 0, gov_standard: 1, gov_strict: 2 }
const HUMAN_SHARE: Readonly<Record<AutomationLevel, number>> = { AUTONOMOUS: 0, HYBRID: 1, FULL_HUMAN: 2, LOCKED: 3 }

/** CP-054: what is bound may ask for more and grant less than what was requested, never the other way round. */
export function checkConstraints(requested: PackPair, effective: PackPair): ConstraintCheck {
  const weakened = [
    ...required('strict_rules', hardRules(requested), hardRules(effective)),
    ...required('denied_tools', requested.rolePack.denied_tools ?? [], effective.rolePack.denied_tools ?? []),
    ...contract(requested.workUnitPack, effective.workUnitPack),
    ...granted('capabilities', requested.rolePack.capabilities, effective.rolePack.capabilities),
    ...granted('allowed_tools', tools(requested.rolePack), tools(effective.rolePack)),
    ...granted('work unit allowed_tools', tools(requested.workUnitPack), tools(effective.workUnitPack)),
    ...locks(requested.workUnitPack.lock_set.lock_keys, effective.workUnitPack.lock_set.lock_keys),
    ...scope(requested.workUnitPack, effective.workUnitPack),
    ...modes(requested.rolePack, effective.rolePack),
  ]
  if (weakened.length > 0) return { check: 'rejected', weakened }
  const isEqual = requested === effective || constraintsOf(requested) === constraintsOf(effective)
  return { check: isEqual ? 'equal' : 'tightened' }
}

/** Every entry of `wanted` must still be there. */
function required(field: string, wanted: readonly string[], present: readonly string[]): string[] {
  const have = new Set(present)
  return wanted.filter((entry) => !have.has(entry)).map((entry) => `${field}: ${nameOf(entry)} is gone`)
}

/** Nothing may be there that `allowed` did not have. */
function granted(field: string, allowed: readonly string[], present: readonly string[]): string[] {
  const had = new Set(allowed)
  return present.filter((entry) => !had.has(entry)).map((entry) => `${field}: ${nameOf(entry)} is new`)
}

/** A key takes in what lies below it, so a key below a requested one grants less. */
function locks(requested: readonly string[], effective: readonly string[]): string[] {
  return effective.filter((key) => !isLocked(key, requested)).map((key) => `lock_keys: ${key} is new`)
}

function scope(requested: WorkUnitContextPack, effective: WorkUnitContextPack): string[] {
  const { read, modify, create } = effective.files
  return uncoveredScope(
    requested.in_scope_paths,
    effective.in_scope_paths,
    new Set([...read, ...modify, ...create]),
  ).map((path) => `in_scope_paths: ${path} is new`)
}

function contract(requested: WorkUnitContextPack, effective: WorkUnitContextPack): string[] {
  const wanted = requested.verification_contract
  const present = effective.verification_contract
  return [
    ...required('verify', wanted.verify.map(canonicalText), present.verify.map(canonicalText)),
    ...required('done', criteria(wanted), criteria(present)),
    ...required('required_validators', wanted.required_validators, present.required_validators),
    ...required('required_gates', wanted.required_gates, present.required_gates),
  ]
}

/** Each criterion with the check it refers to: its number changes when a check is put before it. */
function criteria({ done, verify }: WorkUnitContextPack['verification_contract']): string[] {
  return done.map(({ verify_ref, ...criterion }) =>
    canonicalize({ ...criterion, ...(verify_ref !== undefined && { verify: verify[verify_ref] }) }),
  )
}

function modes(requested: RoleContextPack, effective: RoleContextPack): string[] {
  const weakened: string[] = []
  if (STRENGTH[effective.governance_mode] < STRENGTH[requested.governance_mode]) {
    weakened.push(`governance_mode: ${requested.governance_mode} became ${effective.governance_mode}`)
  }
  // LOCKED answers gates itself or halts, so it is neither more nor less human than the others: it only equals itself.
  const isSame = requested.automation_level === effective.automation_level
  const involvesLocked = [requested.automation_level, effective.automation_level].includes('LOCKED')
  if (
    !isSame &&
    (involvesLocked || HUMAN_SHARE[effective.automation_level] < HUMAN_SHARE[requested.automation_level])
  ) {
    weakened.push(`automation_level: ${requested.automation_level} became ${effective.automation_level}`)
  }
  return weakened
}

/** Everything CP-054 compares, so that `equal` means equal constraints whatever else changed. */
function constraintsOf({ rolePack, workUnitPack }: PackPair): string {
  return canonicalize([
    hardRules({ rolePack }),
    rolePack.denied_tools ?? [],
    rolePack.capabilities,
    tools(rolePack),
    tools(workUnitPack),
    workUnitPack.lock_set,
    workUnitPack.in_scope_paths,
    workUnitPack.verification_contract,
    rolePack.governance_mode,
    rolePack.automation_level,
  ])
}

function hardRules({ rolePack }: Pick<PackPair, 'rolePack'>): string[] {
  return rolePack.strict_rules
    .filter(({ severity }) => severity === 'hard')
    .map(({ rule_id, text }) => `${rule_id}\n${text}`)
}

function tools(pack: Pick<RoleContextPack, 'allowed_tools'>): string[] {
  return pack.allowed_tools.map((tool) => `${tool.tool_id}\n${canonicalize(tool)}`)
}

function canonicalText(value: unknown): string {
  return canonicalize(value)
}

/** Ids, not texts: the result may be logged. */
function nameOf(entry: string): string {
  return entry.startsWith('{') ? 'an entry' : (entry.split('\n')[0] ?? '')
}
