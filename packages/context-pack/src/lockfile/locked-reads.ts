import { canonicalHash } from '@ctxlock/core-hash'
import type { LockedRead, LockedSource } from '@ctxlock/contracts/lockfile'
import type { RoleContextPack } from '@ctxlock/contracts/packs'
import { fileSourceId } from '@ctxlock/contracts/references'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

/** What one task may read, and the spans chosen for its prompt. */
export interface TaskScope {
  readonly role: string
  readonly task: string
  /** Patterns of the task file. */
  readonly scope: readonly string[]
  /** Paths the task names. */
  readonly named: readonly string[]
  readonly selected: readonly { readonly source: string; readonly span: string; readonly tokens: number }[]
}

/** The governed documents of each role: those its rules stand in, and those that are pinned without giving a rule. */
export function governedReads(rolePacks: readonly RoleContextPack[]): LockedRead[] {
  return rolePacks.flatMap(({ role_id: role, strict_rules, sources }) => {
    const withRules = new Set(strict_rules.flatMap(({ source_refs }) => source_refs.map(({ id }) => id)))
    return sources.map(({ source_id: source, source_hash: hash }): LockedRead => ({
      role,
      reason: withRules.has(source) ? 'rules' : 'protocol',
      source,
      hash,
    }))
  })
}

/** One entry for each pattern of the scope, each named file and each chosen span; `sources` are sorted by path. */
export function taskReads(
  { role, task, scope, named, selected }: TaskScope,
  sources: readonly LockedSource[],
): LockedRead[] {
  return [
    ...[...new Set(scope)].map((pattern): LockedRead => {
      const inside = sources.filter(({ path }) => isInScope(path, [pattern]))
      return {
        role,
        task,
        reason: 'scope',
        pattern,
        sources: inside.length,
        tokens: inside.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
        hash: canonicalHash(inside.map(({ path, hash }) => [path, hash])),
      }
    }),
    ...[...new Set(named)].map((path): LockedRead => ({ role, task, reason: 'named', source: fileSourceId(path) })),
    ...selected.map((span): LockedRead => ({ role, task, reason: 'selected', ...span })),
  ]
}
