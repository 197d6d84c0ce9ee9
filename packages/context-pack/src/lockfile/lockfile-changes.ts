import type { Hash } from '@ctxlock/core-hash'
import type { LockedRule } from '@ctxlock/contracts/lockfile'

export type SourceChange =
  | { readonly change: 'changed'; readonly path: string; readonly old_hash: Hash; readonly new_hash: Hash }
  | { readonly change: 'added'; readonly path: string; readonly new_hash: Hash }
  /** Gone, left out now, or no longer readable: it has no hash. */
  | { readonly change: 'removed'; readonly path: string; readonly old_hash: Hash }

export interface NamedChange {
  readonly change: 'changed' | 'added' | 'removed'
  readonly name: string
  readonly old_hash?: Hash
  readonly new_hash?: Hash
}

export interface RuleChange extends NamedChange {
  readonly role: string
  readonly severity: 'hard' | 'soft'
  /** Where the rule stands, or stood. */
  readonly source: string
  readonly span?: string
}

export interface HashedSource {
  readonly path: string
  readonly hash: Hash
}

export type Pair<Entry> = readonly [name: string, before: Entry | undefined, after: Entry | undefined]

/** The entries of two lists by name, sorted. */
export function pairs<Entry>(
  before: readonly Entry[],
  after: readonly Entry[],
  nameOf: (entry: Entry) => string,
): Pair<Entry>[] {
  const old = new Map(before.map((entry) => [nameOf(entry), entry]))
  const now = new Map(after.map((entry) => [nameOf(entry), entry]))
  const names = [...new Set([...old.keys(), ...now.keys()])].sort()
  return names.map((name) => [name, old.get(name), now.get(name)])
}

export function sourceChanges(list: readonly Pair<HashedSource>[]): SourceChange[] {
  return list.flatMap(([path, old, now]): SourceChange[] => {
    if (old && now) {
      return old.hash === now.hash ? [] : [{ change: 'changed', path, old_hash: old.hash, new_hash: now.hash }]
    }
    if (old) return [{ change: 'removed', path, old_hash: old.hash }]
    return now ? [{ change: 'added', path, new_hash: now.hash }] : []
  })
}

export function packChanges(list: readonly Pair<{ readonly pack: Hash }>[]): NamedChange[] {
  return list.flatMap(([name, old, now]) => (old?.pack === now?.pack ? [] : [namedChange(name, old?.pack, now?.pack)]))
}

export function ruleChanges(before: readonly LockedRule[], after: readonly LockedRule[]): RuleChange[] {
  return pairs(before, after, ({ role, rule }) => `${role}\0${rule}`).flatMap(([, old, now]) => {
    const rule = now ?? old
    // A rule that only moved keeps its id and its words: it has not changed. One that turned soft has.
    const isSame = old && now && old.text_hash === now.text_hash && old.severity === now.severity
    if (!rule || isSame) return []
    const { role, severity, source, span } = rule
    const change = { ...namedChange(rule.rule, old?.text_hash, now?.text_hash), role, severity, source }
    return [span === undefined ? change : { ...change, span }]
  })
}

function namedChange(name: string, old: Hash | undefined, now: Hash | undefined): NamedChange {
  return {
    change: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
    name,
    ...(old !== undefined && { old_hash: old }),
    ...(now !== undefined && { new_hash: now }),
  }
}
