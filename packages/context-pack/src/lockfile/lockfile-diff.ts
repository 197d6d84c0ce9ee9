import { canonicalize } from '@ctxlock/core-hash'
import type { LockedSource, Lockfile } from '@ctxlock/contracts/lockfile'
import type { Builder } from '@ctxlock/contracts/packs'

import {
  packChanges,
  pairs,
  ruleChanges,
  sourceChanges,
  type NamedChange,
  type RuleChange,
  type SourceChange,
} from './lockfile-changes.ts'

export interface LockfileDiff {
  readonly sources: readonly SourceChange[]
  /** Packs that differ although their source does not: what another builder makes of it. */
  readonly repacked: readonly string[]
  /** By path: left out now, or no longer. */
  readonly excluded: readonly Pick<SourceChange, 'change' | 'path'>[]
  readonly roles: readonly NamedChange[]
  readonly rules: readonly RuleChange[]
  readonly tasks: readonly NamedChange[]
  readonly builder?: { readonly old: Builder; readonly new: Builder }
}

/** Everything that differs between two lockfiles, sorted by name. Token counts follow from the sources and are not reported. */
export function diffLockfile(before: Lockfile, after: Lockfile): LockfileDiff {
  const sources = pairs(before.sources, after.sources, ({ path }) => path)
  const excluded = pairs(before.excluded, after.excluded, ({ path }) => path)
  return {
    sources: sourceChanges(sources),
    repacked: sources.flatMap(([name, old, now]) =>
      old && now && old.hash === now.hash && packOf(old) !== packOf(now) ? [name] : [],
    ),
    excluded: excluded.flatMap(([path, old, now]) =>
      old?.reason === now?.reason ? [] : [{ change: old ? (now ? 'changed' : 'removed') : 'added', path }],
    ),
    roles: packChanges(pairs(before.roles, after.roles, ({ role }) => role)),
    rules: ruleChanges(before.rules, after.rules),
    tasks: packChanges(pairs(before.tasks, after.tasks, ({ task }) => task)),
    ...(canonicalize(before.builder) !== canonicalize(after.builder) && {
      builder: { old: before.builder, new: after.builder },
    }),
  }
}

function packOf(source: LockedSource): string {
  return 'pack' in source ? source.pack : source.not_packed
}
