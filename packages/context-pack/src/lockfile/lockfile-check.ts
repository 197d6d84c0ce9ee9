import { canonicalize } from '@ctxlock/core-hash'
import type { ExcludedSource, LockedGuard, LockedTask, Lockfile } from '@ctxlock/contracts/lockfile'
import type { Builder, RoleContextPack, StrictRule } from '@ctxlock/contracts/packs'

import { lockedRoles, lockedRules } from './lockfile.ts'
import {
  exclusionChanges,
  guardChanges,
  packChanges,
  pairs,
  ruleChanges,
  sourceChanges,
  type ExclusionChange,
  type HashedSource,
  type NamedChange,
  type RuleChange,
  type SourceChange,
} from './lockfile-changes.ts'

/** The workspace as it is now. Nothing has to be packed to check a lockfile. */
export interface CurrentState {
  readonly builder: Builder
  /** Every file that would be locked now: the hash of its bytes, its mode, and where it leads if it is a symlink. */
  readonly sources: readonly HashedSource[]
  /** What would be left out now. */
  readonly excluded?: readonly ExcludedSource[]
  /** Left out when only the sources are to be checked. */
  readonly rolePacks?: readonly RoleContextPack[]
  /** As they are given to `buildLockfile`. */
  readonly scopedRules?: readonly StrictRule[]
  readonly tasks?: readonly LockedTask[]
  /** Those of plugins. */
  readonly guards?: readonly LockedGuard[]
}

export interface LockfileCheck {
  /** `builder_changed` means that nothing but the builder differs: the sources are the locked ones, the packs may be others. */
  readonly status: 'matches' | 'changed' | 'builder_changed'
  readonly sources: readonly SourceChange[]
  readonly roles: readonly NamedChange[]
  readonly rules: readonly RuleChange[]
  readonly tasks: readonly NamedChange[]
  /** Guards of plugins, by name, each with the hash of the file it comes from. */
  readonly guards: readonly NamedChange[]
  /** What is left out for another reason than was locked. No model sees it, so it does not change the status. */
  readonly excluded: readonly ExclusionChange[]
  readonly builder?: { readonly old: Builder; readonly new: Builder }
}

/** Compares a lockfile with the workspace: which sources, rules, roles and tasks differ, each with its old and new hash. */
export function checkLockfile(lockfile: Lockfile, current: CurrentState): LockfileCheck {
  const {
    rolePacks,
    scopedRules,
    tasks = lockfile.tasks,
    excluded = lockfile.excluded,
    guards = lockfile.guards,
  } = current
  const changes = {
    sources: sourceChanges(pairs<HashedSource>(lockfile.sources, current.sources, ({ path }) => path)),
    roles: rolePacks ? packChanges(pairs(lockfile.roles, lockedRoles(rolePacks), ({ role }) => role)) : [],
    rules: rolePacks ? ruleChanges(lockfile.rules, lockedRules(rolePacks, scopedRules)) : [],
    tasks: packChanges(pairs(lockfile.tasks, tasks, ({ task }) => task)),
    guards: guardChanges(lockfile.guards, guards),
  }
  const differs = Object.values(changes).some((list) => list.length > 0)
  const isSameBuilder = canonicalize(lockfile.builder) === canonicalize(current.builder)
  return {
    status: differs ? 'changed' : isSameBuilder ? 'matches' : 'builder_changed',
    ...changes,
    excluded: exclusionChanges(pairs(lockfile.excluded, excluded, ({ path }) => path)),
    ...(!isSameBuilder && { builder: { old: lockfile.builder, new: current.builder } }),
  }
}
