import type { ContentResolver, ResolvedContent } from '@ctxlock/contracts/guards'
import { ArtifactKind, canonicalReferenceId, type Reference } from '@ctxlock/contracts/references'
import { canonicalHash } from '@ctxlock/core-hash'

/** Why an item may not leave this machine. */
export type LeakReason =
  | 'not_exportable'
  | 'exportable_unknown'
  | 'classification_high'
  | 'classification_unknown'
  | 'kind_unknown'
  | 'unresolved'
  | 'not_pinned'
  | 'content_changed'
  | 'members_unresolved'
  | 'members_changed'
  | 'lineage_unknown'
  | 'too_deep'
  | 'too_many_members'

export interface Leak {
  readonly reason: LeakReason
  /** Canonical ids from an item of the call down to the one that leaks. */
  readonly path: readonly string[]
}

/** VAL-033: beyond these the answer is no. */
const DEEPEST = 32
const MOST_MEMBERS = 10_000

/**
 * Every item of `roots`, every member of bundles and dataset slices down to the last, and whatever a derived text was made
 * from (VAL-029 to VAL-033). What stands behind a canonical id, which holds the hash, is looked up and counted once; every
 * reference to it is judged, because each makes its own claims. An item met again further down is followed again, so that the
 * depth limit does not depend on the order of the roots; that is at most 32 times. Iterative, because an attacker chooses the depth.
 */
export function findLeaks(roots: readonly Reference[], resolver: ContentResolver): Leak[] {
  const met = new Map<string, { readonly item: Item; readonly depth: number }>()
  const leaks = new Map<string, Leak>()
  let members = 0
  const open: { reference: Reference; path: readonly string[] }[] = roots
    .map((reference) => ({ reference, path: [] }))
    .toReversed()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { reference } = next
    const id = canonicalReferenceId(reference)
    const path = [...next.path, id]
    const report = (reason: LeakReason | undefined): void => {
      const key = `${reason} ${id}`
      if (reason !== undefined && !leaks.has(key)) leaks.set(key, { reason, path })
    }
    if (path.length > DEEPEST) {
      report('too_deep')
      continue
    }
    const before = met.get(id)
    const item = before?.item ?? lookUp(reference, resolver)
    report(judge(reference, item))
    if (before !== undefined && before.depth >= path.length) continue
    met.set(id, { item, depth: path.length })
    if (before === undefined) members += item.inside.length
    if (members > MOST_MEMBERS) {
      report('too_many_members')
      break
    }
    open.push(...item.inside.map((inner) => ({ reference: inner, path })).toReversed())
  }
  return [...leaks.values()]
}

/** What the store says about an item, read once. Everything is a claim of another process until it was compared. */
interface Item {
  readonly problem?: LeakReason
  readonly content_hash?: unknown
  readonly classification?: unknown
  readonly exportable?: unknown
  readonly isContainer: boolean
  readonly members?: { readonly length: number }
  readonly size_bytes?: unknown
  /** Members, then what it was derived from: judged like the item itself. */
  readonly inside: readonly Reference[]
}

const NOTHING: Item = { problem: 'unresolved', isContainer: false, inside: [] }

/** A resolver that throws, and an answer that cannot be read, are the same as none. */
function lookUp(reference: Reference, resolver: ContentResolver): Item {
  try {
    const content = resolver.describe(reference)
    return content === undefined ? NOTHING : itemOf(content)
  } catch {
    return NOTHING
  }
}

function itemOf(content: ResolvedContent): Item {
  const kind = own(content, 'kind')
  const members = Object.hasOwn(content, 'members') ? content.members : undefined
  const sources = Object.hasOwn(content, 'derived_from') ? content.derived_from : undefined
  const facts = {
    content_hash: own(content, 'content_hash'),
    classification: own(content, 'classification'),
    exportable: own(content, 'exportable'),
    size_bytes: own(content, 'size_bytes'),
    isContainer: isContainerKind(kind) || members !== undefined,
    inside: [],
  }
  if (kind !== 'source' && !ArtifactKind.safeParse(kind).success) return { ...facts, problem: 'kind_unknown' }
  if (sources !== undefined && !Array.isArray(sources)) return { ...facts, problem: 'lineage_unknown' }
  if (members === undefined) return { ...facts, inside: sources ?? [] }
  if (!Array.isArray(members)) return { ...facts, problem: 'members_unresolved' }
  if (members.length > MOST_MEMBERS) return { ...facts, members, problem: 'too_many_members' }
  if (!areGenuine(content)) return { ...facts, members, problem: 'members_changed' }
  return { ...facts, members, inside: [...members.map(({ reference }) => reference), ...(sources ?? [])] }
}

/** Neither a prototype nor an accessor answers for a store (guards get `__proto__` in JSON as well). */
function own(record: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(record, key)?.value
}

/**
 * The stricter of what the reference claims and what the store says wins (VAL-036). What the store does not say is unknown,
 * whatever the reference claims: nobody vouches for it (VAL-031).
 */
function judge(reference: Reference, item: Item): LeakReason | undefined {
  if (item.problem === 'unresolved') return item.problem
  const recorded = hashOf(reference)
  if (recorded === undefined) return 'not_pinned'
  if (recorded !== item.content_hash) return 'content_changed'
  const isHandle = reference.kind === 'artifact_handle'
  const claimsClass = isHandle || Object.hasOwn(reference.ref, 'classification')
  const classifications = [item.classification, ...(claimsClass ? [own(reference.ref, 'classification')] : [])]
  if (classifications.includes('high')) return 'classification_high'
  if (classifications.some((claim) => claim !== 'low' && claim !== 'medium')) return 'classification_unknown'
  const exportable = [item.exportable, ...(isHandle ? [own(reference.ref, 'exportable')] : [])]
  if (exportable.includes(false)) return 'not_exportable'
  if (exportable.some((claim) => claim !== true)) return 'exportable_unknown'
  return containerProblem(reference, item) ?? item.problem
}

/** By its own word or by the store's: a bundle does not stop being one because the handle calls it a file. */
function containerProblem(reference: Reference, item: Item): LeakReason | undefined {
  const claimed = reference.kind === 'artifact_handle' ? reference.ref : undefined
  if (!item.isContainer && !isContainerKind(claimed?.kind)) return undefined
  if (item.members === undefined) return 'members_unresolved'
  const isEmpty = item.size_bytes === 0 && (claimed?.size_bytes ?? 0) === 0
  return item.members.length > 0 || isEmpty ? undefined : 'members_unresolved'
}

function isContainerKind(kind: unknown): boolean {
  return kind === 'bundle' || kind === 'dataset_slice'
}

function hashOf(reference: Reference): string | undefined {
  if (reference.kind === 'source_ref') return reference.ref.hash
  return reference.kind === 'artifact_handle' ? reference.ref.content_hash : undefined
}

/** True if the members are those the container's hash was made over (CJ-035); a changed list is caught here (VAL-036). */
function areGenuine({ members = [], content_hash }: ResolvedContent): boolean {
  const index = members.map(({ path, content_hash: hash, size_bytes: size }) => ({
    path,
    content_hash: hash,
    size_bytes: size,
  }))
  const sorted = index.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)))
  return (
    canonicalHash(sorted) === content_hash &&
    members.every((member) => hashOf(member.reference) === member.content_hash)
  )
}
