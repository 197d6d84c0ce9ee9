import { canonicalize } from '@ctxlock/core-hash'
import type { LockedSource, Lockfile } from '@ctxlock/contracts/lockfile'
import type { Builder } from '@ctxlock/contracts/packs'

import {
  exclusionChanges,
  guardChanges,
  packChanges,
  pairs,
  readChanges,
  ruleChanges,
  sourceChanges,
  type ExclusionChange,
  type NamedChange,
  type ReadChange,
  type RuleChange,
  type SourceChange,
} from './lockfile-changes.ts'

export interface LockfileDiff {
  readonly sources: readonly SourceChange[]
  /** Packs that differ although their source does not: what another builder makes of it. */
  readonly repacked: readonly string[]
  /** By path: left out now, or no longer. */
  readonly excluded: readonly ExclusionChange[]
  readonly roles: readonly NamedChange[]
  readonly rules: readonly RuleChange[]
  readonly tasks: readonly NamedChange[]
  readonly guards: readonly NamedChange[]
  /** What roles and tasks may read: governed documents, patterns, named files, chosen spans. */
  readonly reads: readonly ReadChange[]
  readonly builder?: { readonly old: Builder; readonly new: Builder }
}

/** Everything that differs between two lockfiles, sorted by name. Token counts follow from the sources and are not reported. */
export function diffLockfile(before: Lockfile, after: Lockfile): LockfileDiff {
  const sources = pairs(before.sources, after.sources, ({ path }) => path)
  return {
    sources: sourceChanges(sources),
    repacked: sources.flatMap(([name, old, now]) =>
      old && now && old.hash === now.hash && packOf(old) !== packOf(now) ? [name] : [],
    ),
    excluded: exclusionChanges(pairs(before.excluded, after.excluded, ({ path }) => path)),
    roles: packChanges(pairs(before.roles, after.roles, ({ role }) => role)),
    rules: ruleChanges(before.rules, after.rules),
    tasks: packChanges(pairs(before.tasks, after.tasks, ({ task }) => task)),
    guards: guardChanges(before.guards, after.guards),
    reads: readChanges(before.reads, after.reads),
    ...(canonicalize(before.builder) !== canonicalize(after.builder) && {
      builder: { old: before.builder, new: after.builder },
    }),
  }
}

function packOf(source: LockedSource): string {
  return 'pack' in source ? source.pack : source.not_packed
}
