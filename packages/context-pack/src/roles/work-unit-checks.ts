import { canonicalSet, canonicalize } from '@ctxlock/core-hash'
import type { RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import type { Redactor } from '@ctxlock/contracts/ports'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

import { PackError, type PackErrorCode } from '../pack-error.ts'
import { assertNoRuntimeRead, assertScopePattern, assertWorkspacePath, isLocked } from '../path-rules.ts'
import { isGovernanceText } from '../sources/governance-text.ts'
import { assertNoSecrets, setBy } from './sealed-pack.ts'

/** What a reader has at hand; checks whose part is missing are left out. */
export interface WorkUnitPackPorts {
  readonly rolePack?: RoleContextPack
  readonly redactor?: Redactor
}

/** Spec 02 section 7, row by row. */
export function assertWorkUnitPack(pack: WorkUnitContextPack, { rolePack, redactor }: WorkUnitPackPorts): void {
  assertSets(pack)
  assertPaths(pack)
  assertFilesGranted(pack)
  assertWorkUnit(pack)
  assertVerifiable(pack)
  assertAllocation(pack)
  if (rolePack) assertBelongsTo(pack, rolePack)
  if (redactor) {
    assertNoSecrets(pack, redactor)
    assertPortableCommands(pack, redactor)
  }
}

function assertSets(pack: WorkUnitContextPack): void {
  const { files, verification_contract: contract } = pack
  const pairs: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ['in_scope_paths', pack.in_scope_paths, canonicalSet(pack.in_scope_paths)],
    ['lock_set.lock_keys', pack.lock_set.lock_keys, canonicalSet(pack.lock_set.lock_keys)],
    ['files.read', files.read, canonicalSet(files.read)],
    ['files.modify', files.modify, canonicalSet(files.modify)],
    ['files.create', files.create, canonicalSet(files.create)],
    ['allowed_tools', pack.allowed_tools, setBy('allowed_tools', pack.allowed_tools, (tool) => tool.tool_id)],
    ['required_validators', contract.required_validators, canonicalSet(contract.required_validators)],
    ['required_gates', contract.required_gates, canonicalSet(contract.required_gates)],
    [
      'context_pack_refs',
      pack.context_pack_refs,
      setBy('context_pack_refs', pack.context_pack_refs, (ref) => ref.target),
    ],
    ['sources', pack.sources, setBy('sources', pack.sources, (source) => source.source_id)],
  ]
  for (const [field, given, sorted] of pairs) {
    if (canonicalize(given) !== canonicalize(sorted))
      fail('PACK_INVALID', `${field} must be sorted and hold every entry once.`)
  }
}

/** CP-036, CP-007. */
function assertPaths(pack: WorkUnitContextPack): void {
  const { read, modify, create } = pack.files
  for (const pattern of pack.in_scope_paths) assertScopePattern('in_scope_paths', pattern)
  const fields = {
    'files.read': read,
    'files.modify': modify,
    'files.create': create,
    lock_keys: pack.lock_set.lock_keys,
  }
  for (const [field, paths] of Object.entries(fields)) for (const path of paths) assertWorkspacePath(field, path)
  const paths = [...pack.in_scope_paths, ...Object.values(fields).flat()]
  const namesGovernance =
    paths.some(isGovernanceText) || pack.context_pack_refs.some(({ target }) => target.includes('"file:.GOV/'))
  if (namesGovernance)
    fail('PACK_RUNTIME_READ_REF', 'A work unit names governance text under .GOV/; it must not be read or changed.')
  for (const { source_id } of pack.sources) assertNoRuntimeRead('sources', source_id)
}

function assertFilesGranted({ files, in_scope_paths, lock_set }: WorkUnitContextPack): void {
  for (const path of [...files.modify, ...files.create]) {
    if (!isInScope(path, in_scope_paths))
      fail('PACK_SCOPE_VIOLATION', `${path} is to be changed but is outside in_scope_paths.`)
    if (!isLocked(path, lock_set.lock_keys))
      fail('PACK_SCOPE_VIOLATION', `${path} is to be changed but has no lock key.`)
  }
}

function assertWorkUnit({
  work_unit: { kind, wp_id, mt_id },
  lock_set: { owner },
  role_id,
}: WorkUnitContextPack): void {
  if ((kind === 'mt') !== (mt_id !== null)) {
    fail('PACK_WORK_UNIT_MISMATCH', 'mt_id is required for a micro-task and null for a work packet.')
  }
  if (owner.wp_id !== wp_id || owner.mt_id !== mt_id || owner.role !== role_id) {
    fail('PACK_WORK_UNIT_MISMATCH', 'The lock set belongs to another role or work unit.')
  }
}

function assertVerifiable({ verification_contract: { verify, done } }: WorkUnitContextPack): void {
  for (const [index, { expect, pattern }] of verify.entries()) {
    if (expect.endsWith('contains') !== (pattern !== undefined)) {
      fail('PACK_INVALID', `verification_contract.verify.${index} needs a pattern exactly when it looks for one.`)
    }
  }
  for (const [index, { verification, verify_ref }] of done.entries()) {
    const isResolved = verify_ref === undefined ? verification !== 'automated' : verify_ref < verify.length
    if (!isResolved)
      fail('PACK_INVALID', `verification_contract.done.${index} must refer to one of the verify entries.`)
  }
}

function assertAllocation({ context_payload: { token_budget, allocation } }: WorkUnitContextPack): void {
  const sum = Object.values(allocation).reduce((total, tokens) => total + tokens, 0)
  if (sum > token_budget)
    fail('PACK_BUDGET_EXCEEDED', `The allocation is ${sum} tokens; the token budget is ${token_budget}.`)
}

function assertBelongsTo(pack: WorkUnitContextPack, role: RoleContextPack): void {
  if (pack.role_id !== role.role_id) fail('PACK_ROLE_MISMATCH', 'The work-unit pack was made for another role.')
  if (pack.role_pack_hash !== role.pack_hash) {
    fail('PACK_HASH_MISMATCH', 'The work-unit pack was assembled against another role pack; build it again.')
  }
  if (pack.governance_mode !== role.governance_mode || pack.automation_level !== role.automation_level) {
    fail('PACK_GOVERNANCE_MISMATCH', 'Governance mode and automation level must be those of the role pack.')
  }
  const denied = new Set(role.denied_tools)
  const allowed = new Set(role.allowed_tools.map((tool) => canonicalize(tool)))
  for (const tool of pack.allowed_tools) {
    if (!allowed.has(canonicalize(tool)) || denied.has(tool.tool_id)) {
      fail('PACK_SCOPE_VIOLATION', `The tool ${tool.tool_id} is not allowed by the role pack.`)
    }
  }
}

/** A command with a path of this machine would be another command elsewhere, and tells where this machine keeps things. */
function assertPortableCommands({ verification_contract: { verify } }: WorkUnitContextPack, redactor: Redactor): void {
  for (const [index, { command }] of verify.entries()) {
    if (!redactor.detect(command).some(({ category }) => category === 'path')) continue
    fail(
      'PACK_ABSOLUTE_PATH',
      `verification_contract.verify.${index} names an absolute path; use a workspace-relative one.`,
    )
  }
}

function fail(code: PackErrorCode, message: string): never {
  throw new PackError(code, message)
}
