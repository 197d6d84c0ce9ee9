// Graphs of artifacts and sources as an attacker, a careless writer or a broken store might leave them, as plain data.
import { pick, type Random } from '../generated-files/random.ts'

/** Ways in which a store's answer about an item can be wrong, beside what it says about classification and export. */
export const DAMAGES = [
  'missing',
  'throws',
  'changed',
  'list_changed',
  'list_missing',
  'list_emptied',
  'contains_itself',
  'inherited_answer',
  'accessor_answer',
  'duplicate_keys',
  'proto_key',
  'constructor_key',
  'kind_unknown',
  'lineage_unreadable',
] as const
export type Damage = (typeof DAMAGES)[number]

/** One reference to an item, with what it claims itself; `undefined` claims are left out. */
export interface Link {
  readonly to: number
  readonly classification: unknown
  readonly exportable: unknown
  /** True if the reference calls a container a file. */
  readonly isDisguised: boolean
}

export interface Item {
  /** Several items may share a name: versions of one id. */
  readonly name: string
  readonly version: number
  readonly shape: 'source' | 'file' | 'bundle' | 'dataset_slice'
  readonly classification: unknown
  readonly exportable: unknown
  readonly damage: Damage | null
  /** Items further down the list only, because a hash over itself cannot be made. */
  readonly members: readonly Link[]
  /** What a derived text was made from, anywhere in the list: lineage can run in circles. */
  readonly lineage: readonly Link[]
}

/** Where the call names an item. */
export const HANDLE_PLACES = ['snapshot', 'tool_delta', 'projection', 'compaction'] as const
export const SOURCE_PLACES = [
  'selected',
  'span',
  'stable_prefix',
  'variable_suffix',
  'projection',
  'compaction_evidence',
] as const
export type Place = (typeof HANDLE_PLACES)[number] | (typeof SOURCE_PLACES)[number]

export interface Root extends Link {
  readonly place: Place
}

export interface ReferenceGraph {
  readonly tier: 'local' | 'cloud'
  readonly items: readonly Item[]
  readonly roots: readonly Root[]
  /** One more text in the prompt; a compacted one here does not say what it was made from. */
  readonly block: { readonly sensitivity: unknown; readonly isCompacted: boolean; readonly isStable: boolean } | null
}

const BAD_CLASSIFICATIONS = ['high', 'HIGH', 'secret', '', null, undefined, 1, ['low'], { level: 'low' }] as const
const BAD_EXPORTABLE = [false, 'false', 'true', 1, null, undefined, {}] as const
const GOOD_CLASSIFICATIONS = ['low', 'medium'] as const

/** About half of the graphs hold nothing that may not leave. */
export function randomGraph(random: Random): ReferenceGraph {
  const below = (limit: number): number => Math.floor(random() * limit)
  const items = pick(random, [smallItems, smallItems, smallItems, chainItems, layeredItems, wideItems])(random, below)
  const rootCount = 1 + below(3)
  // The head of the list reaches most of it.
  const tops = [0, ...Array.from({ length: rootCount - 1 }, () => below(items.length))]
  const roots = tops.map((to) => ({ ...honestLink(to), place: placeOf(items, to, random) }))
  const graph: ReferenceGraph = { tier: random() < 0.03 ? 'local' : 'cloud', items, roots, block: null }
  return random() < 0.5 ? graph : spoil(graph, random, below)
}

type Below = (limit: number) => number

function honestLink(to: number): Link {
  return { to, classification: 'low', exportable: true, isDisguised: false }
}

function item(shape: Item['shape'], name: string, version: number, members: readonly number[] = []): Item {
  const links = members.map(honestLink)
  return { name, version, shape, classification: 'low', exportable: true, damage: null, members: links, lineage: [] }
}

/** Up to 40 items with shared members, repeated members, lineage, and names that several versions share. */
function smallItems(random: Random, below: Below): Item[] {
  const count = 1 + below(40)
  return Array.from({ length: count }, (_, index) => {
    const later = count - index - 1
    const container = later > 0 && random() < 0.6
    const shape = container
      ? pick<Item['shape']>(random, ['bundle', 'dataset_slice'])
      : pick<Item['shape']>(random, ['file', 'file', 'source'])
    const members = container ? Array.from({ length: 1 + below(5) }, () => index + 1 + below(later)) : []
    const made = {
      ...item(shape, `item ${below(count)}`, index, members),
      classification: pick(random, GOOD_CLASSIFICATIONS),
    }
    const derived = later > 0 && random() < 0.2
    return derived ? { ...made, lineage: [honestLink(index + 1 + below(later))] } : made
  })
}

/** One below the other, with shortcuts, around the depth that is still allowed; by membership or by lineage. */
function chainItems(random: Random, below: Below): Item[] {
  const depth = 28 + below(8)
  return Array.from({ length: depth }, (_, index) => {
    if (index === depth - 1) return item('file', 'end', index)
    const shortcut = random() < 0.2 ? [index + 1 + below(depth - index - 1)] : []
    const targets = random() < 0.5 ? [index + 1, ...shortcut] : [...shortcut, index + 1]
    if (random() < 0.7) return item('bundle', 'link', index, targets)
    return { ...item('file', 'link', index), lineage: targets.map(honestLink) }
  })
}

/** Diamond upon diamond: a walk without a memory would take 4 to the power of the depth. */
function layeredItems(random: Random, below: Below): Item[] {
  const layers = 2 + below(15)
  const width = 2 + below(3)
  const inner = Array.from({ length: layers * width }, (_, index) => {
    const layer = Math.floor(index / width)
    if (layer === layers - 1) return item(pick<Item['shape']>(random, ['file', 'source']), `leaf ${index % 2}`, index)
    return item(
      'bundle',
      `layer ${layer}`,
      index,
      Array.from({ length: width }, (_, next) => 1 + (layer + 1) * width + next),
    )
  })
  return [
    item(
      'bundle',
      'top',
      -1,
      Array.from({ length: width }, (_, next) => 1 + next),
    ),
    ...inner,
  ]
}

/** Lists about as long as is still allowed, now and then; mostly shorter. */
function wideItems(random: Random, below: Below): Item[] {
  const wide = random() < 0.06
  const total = wide ? 9_990 + below(20) : 100 + below(200)
  const leaves = wide ? 50 : total
  const half = Math.floor(total / 2) - 1
  const memberOf = (offset: number) => (_: unknown, position: number) => 3 + ((offset + position) % leaves)
  return [
    item('bundle', 'both', 0, [1, 2]),
    item('bundle', 'half', 1, Array.from({ length: half }, memberOf(0))),
    item('dataset_slice', 'half', 2, Array.from({ length: total - half - 2 }, memberOf(half))),
    ...Array.from({ length: leaves }, (_, index) => item('file', `leaf ${index % 7}`, index)),
  ]
}

/** One to three things wrong: in the store's answer, in a claim of one reference, in the lineage. */
function spoil(graph: ReferenceGraph, random: Random, below: Below): ReferenceGraph {
  const items = [...graph.items]
  const roots = [...graph.roots]
  let { block } = graph
  for (let round = below(3); round >= 0; round -= 1) {
    const at = below(items.length)
    const chosen = items[at]
    if (chosen === undefined) continue
    const fault = pick(random, [
      'classification',
      'exportable',
      'damage',
      'member',
      'root',
      'second_root',
      'lineage',
      'block',
    ])
    const bent = bentLink(at, random)
    if (fault === 'classification')
      items[at] = { ...chosen, classification: pick<unknown>(random, BAD_CLASSIFICATIONS) }
    if (fault === 'exportable') items[at] = { ...chosen, exportable: pick<unknown>(random, BAD_EXPORTABLE) }
    if (fault === 'damage') items[at] = { ...chosen, damage: pick(random, DAMAGES) }
    if (fault === 'lineage') items[at] = { ...chosen, lineage: [...chosen.lineage, honestLink(below(items.length))] }
    if (fault === 'member' && chosen.members.length > 0) {
      const position = below(chosen.members.length)
      const members = chosen.members.map((link, index) => (index === position ? bentLink(link.to, random) : link))
      items[at] = { ...chosen, members }
    }
    // The same item twice, once with another claim: the order must not matter.
    const root = { ...bent, place: placeOf(items, at, random) }
    if (fault === 'block') {
      block = {
        sensitivity: pick<unknown>(random, ['low', ...BAD_CLASSIFICATIONS]),
        isCompacted: random() < 0.5,
        isStable: random() < 0.5,
      }
    }
    if (fault === 'root') roots.unshift(root)
    if (fault === 'second_root') roots.push(root)
  }
  return { ...graph, items, roots, block }
}

function bentLink(to: number, random: Random): Link {
  const link = honestLink(to)
  const claim = pick(random, ['classification', 'exportable', 'disguise'])
  if (claim === 'classification') return { ...link, classification: pick<unknown>(random, BAD_CLASSIFICATIONS) }
  if (claim === 'exportable') return { ...link, exportable: pick<unknown>(random, BAD_EXPORTABLE) }
  return { ...link, isDisguised: true }
}

function placeOf(items: readonly Item[], to: number, random: Random): Place {
  return items[to]?.shape === 'source' ? pick(random, SOURCE_PLACES) : pick(random, HANDLE_PLACES)
}
