// Turns a generated graph into references with hashes and into a store that answers about them, damaged where it says so.
import type { ContainerMember, ContentResolver, ResolvedContent } from '../../../../packages/contracts/src/guards.ts'
import type { ArtifactHandle, Reference, SourceRef } from '../../../../packages/contracts/src/references.ts'
import { canonicalHash, parseCanonical, textHash, uuidFromHash } from '../../../../packages/core-hash/src/index.ts'
import type { Damage, Item, Link } from './random-graph.ts'

/** Only these damages make sense for a list of members; on other items they hide the item. */
const OF_LISTS = new Set<Item['damage']>(['list_changed', 'list_missing', 'list_emptied', 'contains_itself'])

export interface GraphStore {
  readonly resolver: ContentResolver
  reference(link: Link): Reference
}

export function graphStore(items: readonly Item[]): GraphStore {
  const hashes: string[] = []
  for (const [index, item] of [...items.entries()].toReversed()) {
    hashes[index] = isContainer(item)
      ? canonicalHash(indexOf(item, hashes))
      : textHash(`${item.name} ${item.version} ${index}`)
  }
  const reference = (link: Link): Reference => referenceTo(items[link.to], hashes[link.to] ?? '', link)
  const positions = new Map(items.map((item, index) => [`${idOf(item)} ${hashes[index]}`, index]))
  const describe = (asked: Reference): ResolvedContent | undefined => {
    const id =
      asked.kind === 'artifact_handle' ? asked.ref.artifact_id : asked.kind === 'source_ref' ? asked.ref.id : ''
    const hash =
      asked.kind === 'artifact_handle' ? asked.ref.content_hash : asked.kind === 'source_ref' ? asked.ref.hash : ''
    const position = positions.get(`${id} ${hash}`) ?? -1
    const item = items[position]
    return item && answerAbout(item, hashes[position] ?? '', hashes, reference)
  }
  return { reference, resolver: { describe, bytes: () => undefined } }
}

function isContainer({ shape }: Item): boolean {
  return shape === 'bundle' || shape === 'dataset_slice'
}

function idOf({ name, shape }: Item): string {
  return shape === 'source' ? `file:${name}` : uuidFromHash(canonicalHash(name))
}

function indexOf({ members, version }: Item, hashes: readonly string[]) {
  return members.map(({ to }, position) => ({
    path: `v${version}/${String(position).padStart(6, '0')}`,
    content_hash: hashes[to] ?? '',
    size_bytes: 1,
  }))
}

/** As text first: claims of any type get in, as they would from another process. */
function referenceTo(item: Item | undefined, hash: string, link: Link): Reference {
  if (item === undefined) throw new Error('Expected a link to an item of the graph.')
  const { classification, exportable } = link
  if (item.shape === 'source') {
    const ref: SourceRef = JSON.parse(
      JSON.stringify({ kind: 'span', id: idOf(item), hash, selector: 'lines:1-2', classification }),
    )
    return { kind: 'source_ref', ref }
  }
  const ref: ArtifactHandle = JSON.parse(
    JSON.stringify({
      artifact_id: idOf(item),
      kind: link.isDisguised ? 'file' : item.shape,
      uri: '/objects/x',
      content_hash: hash,
      size_bytes: 1,
      classification,
      exportable,
    }),
  )
  return { kind: 'artifact_handle', ref }
}

function answerAbout(
  item: Item,
  hash: string,
  hashes: readonly string[],
  reference: (link: Link) => Reference,
): ResolvedContent | undefined {
  const { damage, shape, lineage } = item
  if (damage === 'missing' || (OF_LISTS.has(damage) && !isContainer(item))) return undefined
  if (damage === 'throws') throw new Error('the store cannot be read')
  const facts: ResolvedContent = Object.assign(statedFacts(item), {
    kind: shape,
    size_bytes: 1,
    content_hash: damage === 'changed' ? textHash('other') : hash,
    ...(lineage.length > 0 && { derived_from: lineage.map(reference) }),
    ...(isContainer(item) && { members: membersOf(item, hash, hashes, reference) }),
  })
  if (damage === 'kind_unknown') return { ...facts, kind: JSON.parse('"folder"') }
  if (damage === 'lineage_unreadable') return { ...facts, derived_from: JSON.parse('"its sources"') }
  const { classification: _classification, exportable: _exportable, members: _members, ...rest } = facts
  if (damage === 'list_missing') return { ...rest, classification: 'low', exportable: true }
  if (damage === 'inherited_answer')
    return Object.assign(Object.create({ classification: 'low', exportable: true }), rest)
  if (damage === 'accessor_answer') return Object.defineProperty(facts, 'exportable', { get: () => true })
  return facts
}

/** What the store wrote down as JSON, read the way this project reads records. */
function statedFacts({
  classification,
  exportable,
  damage,
}: Item): Pick<ResolvedContent, 'classification' | 'exportable'> {
  const texts: Partial<Record<Damage, string>> = {
    duplicate_keys: '{"classification":"low","exportable":false,"exportable":true}',
    proto_key: '{"__proto__":{"classification":"low","exportable":true}}',
    constructor_key: '{"constructor":{"prototype":{"classification":"low","exportable":true}}}',
  }
  const text = damage === null ? undefined : texts[damage]
  const stated: { classification?: unknown; exportable?: unknown } =
    text === undefined ? { classification, exportable } : recordOf(text)
  const copy: Pick<ResolvedContent, 'classification' | 'exportable'> = JSON.parse('{}')
  // A careless copy, which gives `__proto__` its old meaning.
  return Object.assign(copy, stated)
}

function recordOf(text: string): object {
  const value = parseCanonical(Buffer.from(text))
  if (typeof value !== 'object' || value === null) throw new Error('Expected a record.')
  return value
}

function membersOf(
  item: Item,
  hash: string,
  hashes: readonly string[],
  reference: (link: Link) => Reference,
): ContainerMember[] {
  const index = indexOf(item, hashes)
  const members = item.members.flatMap((link, position) => {
    const entry = index[position]
    return entry === undefined ? [] : [{ ...entry, reference: reference(link) }]
  })
  if (item.damage === 'list_emptied') return []
  const [first] = members
  if (first === undefined) return members
  if (item.damage === 'list_changed') return [...members, { ...first, path: 'added' }]
  if (item.damage !== 'contains_itself') return members
  const self: Reference = { kind: 'artifact_handle', ref: handleOf(item, hash) }
  return [...members, { path: 'self', content_hash: hash, size_bytes: 1, reference: self }]
}

function handleOf(item: Item, hash: string): ArtifactHandle {
  const reference = referenceTo(item, hash, { to: -1, classification: 'low', exportable: true, isDisguised: false })
  if (reference.kind !== 'artifact_handle') throw new Error('Expected a container.')
  return reference.ref
}
