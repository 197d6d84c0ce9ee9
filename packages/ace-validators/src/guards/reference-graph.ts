import type { ContainerMember, ContentResolver, ResolvedContent } from '@ctxlock/contracts/guards'
import { canonicalReferenceId, type Reference } from '@ctxlock/contracts/references'
import { canonicalHash } from '@ctxlock/core-hash'

/** Why an item may not leave this machine. */
export type LeakReason =
  | 'not_exportable'
  | 'exportable_unknown'
  | 'classification_high'
  | 'classification_unknown'
  | 'unresolved'
  | 'not_pinned'
  | 'content_changed'
  | 'members_unresolved'
  | 'members_changed'
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
 * Every item of `roots` and, for bundles and dataset slices, every member down to the last, each judged once (VAL-029 to
 * VAL-033). Visited by canonical id, which holds the hash: two versions of one id are two items. Iterative, because an
 * attacker chooses the depth.
 */
export function findLeaks(roots: readonly Reference[], resolver: ContentResolver): Leak[] {
  const visited = new Set<string>()
  const leaks: Leak[] = []
  let members = 0
  const open: { reference: Reference; path: readonly string[] }[] = roots
    .map((reference) => ({ reference, path: [] }))
    .toReversed()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const id = canonicalReferenceId(next.reference)
    if (visited.has(id)) continue
    visited.add(id)
    const path = [...next.path, id]
    const report = (reason: LeakReason): number => leaks.push({ reason, path })
    if (path.length > DEEPEST) {
      report('too_deep')
      continue
    }
    const content = resolver.describe(next.reference)
    const problem = content === undefined ? 'unresolved' : judge(next.reference, content)
    if (problem !== undefined) report(problem)
    if (content === undefined || !isContainer(next.reference, content)) continue

    // The container was judged above, and is judged by its members as well.
    const inside = membersOf(next.reference, content)
    if (typeof inside === 'string') {
      report(inside)
      continue
    }
    members += inside.length
    if (members > MOST_MEMBERS) {
      report('too_many_members')
      break
    }
    open.push(...inside.map(({ reference }) => ({ reference, path })).toReversed())
  }
  return leaks
}

/** The stricter of what the reference claims and what its artifact says wins; what nobody says counts as high (VAL-036). */
function judge(reference: Reference, content: ResolvedContent): LeakReason | undefined {
  const recorded = hashOf(reference)
  if (recorded === undefined) return 'not_pinned'
  if (recorded !== content.content_hash) return 'content_changed'
  const claims =
    'classification' in reference.ref
      ? [reference.ref.classification, content.classification]
      : [content.classification]
  const classifications = claims.filter((claim) => claim !== undefined)
  if (classifications.includes('high')) return 'classification_high'
  if (classifications.length === 0 || classifications.some((claim) => claim !== 'low' && claim !== 'medium'))
    return 'classification_unknown'
  const exportable: unknown[] =
    reference.kind === 'artifact_handle' ? [reference.ref.exportable, content.exportable] : [content.exportable]
  if (exportable.includes(false)) return 'not_exportable'
  return exportable.every((value) => value === true) ? undefined : 'exportable_unknown'
}

function hashOf(reference: Reference): string | undefined {
  if (reference.kind === 'source_ref') return reference.ref.hash
  return reference.kind === 'artifact_handle' ? reference.ref.content_hash : undefined
}

/** By its own word or by the store's: a bundle does not stop being one because the handle calls it a file. */
function isContainer(reference: Reference, { kind, members }: ResolvedContent): boolean {
  const claimed = reference.kind === 'artifact_handle' ? reference.ref.kind : undefined
  return [kind, claimed].some((value) => value === 'bundle' || value === 'dataset_slice') || members !== undefined
}

/** The members, if they are those the container's hash was made over (CJ-035); a changed list is caught here (VAL-036). */
function membersOf(
  reference: Reference,
  { members, size_bytes, content_hash }: ResolvedContent,
): readonly ContainerMember[] | LeakReason {
  const claimedSize = reference.kind === 'artifact_handle' ? reference.ref.size_bytes : 0
  if (members === undefined || (members.length === 0 && (size_bytes > 0 || claimedSize > 0)))
    return 'members_unresolved'
  if (members.length > MOST_MEMBERS) return 'too_many_members'
  const index = members.map(({ path, content_hash: hash, size_bytes: size }) => ({
    path,
    content_hash: hash,
    size_bytes: size,
  }))
  const sorted = index.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)))
  const genuine =
    canonicalHash(sorted) === content_hash &&
    members.every((member) => hashOf(member.reference) === member.content_hash)
  return genuine ? members : 'members_changed'
}
