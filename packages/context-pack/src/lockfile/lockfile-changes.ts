import { bytesHash, canonicalize, type Hash } from '@ctxlock/core-hash'
import type { ExcludedSource, LockedGuard, LockedRead, LockedRule, LockedSource } from '@ctxlock/contracts/lockfile'

import { LOCK_SECTIONS, sortKeyOf } from './lockfile-text.ts'

const READS = LOCK_SECTIONS[5]

/**
 * One source that is not what it was. `renamed`: the same bytes stand at another path. `retargeted`: a symlink became a
 * file, a file a symlink, or it leads elsewhere. `mode`: the executable bit alone. `removed` has no hash now: gone, left out,
 * or no longer readable.
 */
export interface SourceChange {
  readonly change: 'changed' | 'added' | 'removed' | 'renamed' | 'retargeted' | 'mode'
  readonly path: string
  readonly old_hash?: Hash
  readonly new_hash?: Hash
  /** The earlier path of a renamed source. */
  readonly from?: string
  /** Given where the two differ; of a source that came or went, when it is a program or a symlink. */
  readonly old_mode?: 'executable' | 'plain'
  readonly new_mode?: 'executable' | 'plain'
  /** The files a symlink led to and leads to; null for what is no symlink. */
  readonly old_link?: string | null
  readonly new_link?: string | null
}

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

export type HashedSource = Pick<LockedSource, 'path' | 'hash' | 'mode' | 'link'>

export type Pair<Entry> = readonly [name: string, before: Entry | undefined, after: Entry | undefined]

/** A path that is left out for another reason than before, or was not, or is not any more. */
export interface ExclusionChange {
  readonly change: 'changed' | 'added' | 'removed'
  readonly path: string
  readonly old_reason?: string
  readonly new_reason?: string
}

export interface ReadChange {
  readonly change: 'changed' | 'added' | 'removed'
  readonly read: LockedRead
}

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
  const origins = originsOf(list)
  const moved = new Set(origins.values())
  return list.flatMap(([path, old, now]): SourceChange[] => {
    const origin = origins.get(path)
    if (origin) return [{ ...comparison(path, origin, now), change: 'renamed', from: origin.path }]
    if (isEqual(old, now) || (old && moved.has(old))) return []
    return [comparison(path, old, now)]
  })
}

function isEqual(old: HashedSource | undefined, now: HashedSource | undefined): boolean {
  return old?.hash === now?.hash && old?.mode === now?.mode && old?.link === now?.link
}

function comparison(path: string, old: HashedSource | undefined, now: HashedSource | undefined): SourceChange {
  const isRetargeted = old?.link !== now?.link
  const isModeChanged = old?.mode !== now?.mode
  const inPlace = isRetargeted ? 'retargeted' : old?.hash === now?.hash ? 'mode' : 'changed'
  return {
    change: !old ? 'added' : now ? inPlace : 'removed',
    path,
    ...(old && { old_hash: old.hash }),
    ...(now && { new_hash: now.hash }),
    ...(isModeChanged && old && { old_mode: old.mode ?? 'plain' }),
    ...(isModeChanged && now && { new_mode: now.mode ?? 'plain' }),
    ...(isRetargeted && old && { old_link: old.link ?? null }),
    ...(isRetargeted && now && { new_link: now.link ?? null }),
  }
}

/**
 * The removed source that an added one with the same bytes was, by the path it has now; of several, those whose names differ least
 * belong together. Nothing tells empty files apart.
 */
function originsOf(list: readonly Pair<HashedSource>[]): Map<string, HashedSource> {
  const removed = new Set(list.flatMap(([, old, now]) => (old && !now && old.hash !== EMPTY ? [old] : [])))
  const added = new Map(list.flatMap(([path, old, now]) => (now && !old ? [[path, now]] : [])))
  const origins = new Map<string, HashedSource>()
  for (const likeness of LIKENESSES) {
    const open = Map.groupBy(removed, ({ hash, path }) => `${hash} ${likeness(path)}`)
    for (const [path, { hash }] of added) {
      const origin = open.get(`${hash} ${likeness(path)}`)?.shift()
      if (!origin) continue
      origins.set(path, origin)
      removed.delete(origin)
      added.delete(path)
    }
  }
  return origins
}

/** What the path from before and the one from now have in common: all but their case, the last name, nothing. */
const LIKENESSES: readonly ((path: string) => string)[] = [(path) => path.toLowerCase(), nameOf, () => '']

const EMPTY = bytesHash(new Uint8Array())

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function packChanges(list: readonly Pair<{ readonly pack: Hash }>[]): NamedChange[] {
  return list.flatMap(([name, old, now]) => (old?.pack === now?.pack ? [] : [namedChange(name, old?.pack, now?.pack)]))
}

/** Another version from the same file is another guard too: it may read more than its own file. */
export function guardChanges(before: readonly LockedGuard[] = [], after: readonly LockedGuard[] = []): NamedChange[] {
  return pairs(before, after, ({ guard }) => guard).flatMap(([name, old, now]) =>
    old && now && canonicalize(old) === canonicalize(now) ? [] : [namedChange(name, old?.code_hash, now?.code_hash)],
  )
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

export function exclusionChanges(list: readonly Pair<ExcludedSource>[]): ExclusionChange[] {
  return list.flatMap(([path, old, now]) => {
    if (old?.reason === now?.reason) return []
    return {
      change: changeBetween(old, now),
      path,
      ...(old && { old_reason: old.reason }),
      ...(now && { new_reason: now.reason }),
    }
  })
}

export function readChanges(before: readonly LockedRead[], after: readonly LockedRead[]): ReadChange[] {
  return pairs(before, after, (read) => sortKeyOf(READS, read)).flatMap(([, old, now]) => {
    const read = now ?? old
    if (!read || (old && now && canonicalize(old) === canonicalize(now))) return []
    return { change: changeBetween(old, now), read }
  })
}

function changeBetween(old: unknown, now: unknown): 'changed' | 'added' | 'removed' {
  return old === undefined ? 'added' : now === undefined ? 'removed' : 'changed'
}

function namedChange(name: string, old: Hash | undefined, now: Hash | undefined): NamedChange {
  return {
    change: changeBetween(old, now),
    name,
    ...(old !== undefined && { old_hash: old }),
    ...(now !== undefined && { new_hash: now }),
  }
}
