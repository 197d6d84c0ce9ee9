import { textHash } from '@ctxlock/core-hash'
import {
  LOCKFILE_VERSION,
  type ExcludedSource,
  type LockedGuard,
  type Lockfile,
  type LockedRole,
  type LockedRule,
  type LockedSource,
  type LockedTask,
} from '@ctxlock/contracts/lockfile'
import type { Builder, RoleContextPack, StrictRule } from '@ctxlock/contracts/packs'

import type { ContextPackResult } from '../pack/context-pack.ts'
import { PackError } from '../pack-error.ts'
import { parseLockfileValue } from './plain-source.ts'
import { governedReads, taskReads, type TaskScope } from './locked-reads.ts'
import { LOCK_SECTIONS, lockHashOf, readableKey, sortKeyOf, type LockSection } from './lockfile-text.ts'

export interface LockfileInput {
  readonly builder: Builder
  /** Id of the counter the token counts come from. */
  readonly tokenCounter: string
  readonly sources: readonly LockedSource[]
  readonly excluded: readonly ExcludedSource[]
  /** The pack of every role as it is without a task; its rules are taken from it. */
  readonly rolePacks: readonly RoleContextPack[]
  /** Rules that bind a role only in some folders, and so are in no pack of `rolePacks`. */
  readonly scopedRules?: readonly StrictRule[]
  readonly tasks: readonly LockedTask[]
  /** What each task may read. */
  readonly taskScopes?: readonly TaskScope[]
  /** The guards of plugins. */
  readonly guards?: readonly LockedGuard[]
}

/**
 * The lockfile of a workspace, sorted and hashed. The same input in any order gives the same file.
 * Throws `LOCK_INVALID` when an entry breaks its schema or two entries have the same name.
 */
export function buildLockfile(input: LockfileInput): Lockfile {
  const sources = sorted(LOCK_SECTIONS[0], input.sources)
  const reads = (input.taskScopes ?? []).flatMap((scope) => taskReads(scope, sources))
  const content = {
    schema_version: LOCKFILE_VERSION,
    builder: input.builder,
    token_counter: input.tokenCounter,
    sources,
    excluded: sorted(LOCK_SECTIONS[1], input.excluded),
    roles: sorted(LOCK_SECTIONS[2], lockedRoles(input.rolePacks)),
    rules: sorted(LOCK_SECTIONS[3], lockedRules(input.rolePacks, input.scopedRules)),
    tasks: sorted(LOCK_SECTIONS[4], input.tasks),
    reads: sorted(LOCK_SECTIONS[5], [...governedReads(input.rolePacks), ...reads]),
    ...(input.guards && input.guards.length > 0 && { guards: sorted(LOCK_SECTIONS[6], input.guards) }),
  } as const
  const parsed = parseLockfileValue({ ...content, lock_hash: lockHashOf(content) })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PackError(
    'LOCK_INVALID',
    `The lockfile cannot hold ${issue?.path.map(String).join('.') ?? 'this'}: ${issue?.code ?? ''}.`,
  )
}

/** What the lockfile states of the file itself, beside its content. */
export type FileFacts = Pick<LockedSource, 'mode' | 'link'>

/** The line of a file that was read; of one that could not be, the line that leaves it out. */
export function lockedSource(result: ContextPackResult, facts: FileFacts = {}): LockedSource | ExcludedSource {
  if (result.status !== 'not_packed') {
    const { path, hash, sizeBytes, tokens } = result.source
    return { path, ...facts, hash, size: sizeBytes, tokens, pack: result.record.payload_hash }
  }
  const { path, reason, source } = result
  if (!source) return { path, reason }
  const { hash, sizeBytes, tokens } = source
  return { path, ...facts, hash, size: sizeBytes, ...(tokens !== undefined && { tokens }), not_packed: reason }
}

export function lockedRoles(rolePacks: readonly RoleContextPack[]): LockedRole[] {
  return rolePacks.map(({ role_id, pack_hash }) => ({ role: role_id, pack: pack_hash }))
}

/** The rules that bind every role somewhere, each once, with the hash of their words and the place they come from. */
export function lockedRules(
  rolePacks: readonly RoleContextPack[],
  scopedRules: readonly StrictRule[] = [],
): LockedRule[] {
  return rolePacks.flatMap(({ role_id, strict_rules }) => {
    const always = new Set(strict_rules.map(({ rule_id }) => rule_id))
    const rules = [...strict_rules, ...scopedRules.filter(({ rule_id }) => !always.has(rule_id))]
    return rules.map(({ rule_id, severity, text, source_refs: [ref] }) => ({
      role: role_id,
      rule: rule_id,
      severity,
      source: ref?.id ?? 'unknown',
      ...(ref?.selector !== undefined && { span: ref.selector }),
      text_hash: textHash(text),
    }))
  })
}

function sorted<Entry extends object>(section: LockSection, entries: readonly Entry[]): Entry[] {
  const keyed = entries.map((entry) => ({ entry, key: sortKeyOf(section, entry) }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  const twice = keyed.find(({ key }, index) => key === keyed[index - 1]?.key)
  if (!twice) return keyed.map(({ entry }) => entry)
  throw new PackError('LOCK_INVALID', `The lockfile would list ${readableKey(twice.key)} twice under ${section.name}.`)
}
