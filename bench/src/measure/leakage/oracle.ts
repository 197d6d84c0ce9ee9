// Says of a generated graph whether the call may pass, by plain recursion over the description; it shares nothing with the guard
// and never sees a hash, a reference or a store.
import type { Item, Link, ReferenceGraph } from './random-graph.ts'

const DEEPEST = 32
const MOST_MEMBERS = 10_000

export function mayLeave({ tier, items, roots, block }: ReferenceGraph): boolean {
  if (tier === 'local') return true
  if (block !== null && (block.isCompacted || !isLow(block.sensitivity))) return false
  const heights = new Map<number, number>()
  const onTheWay = new Set<number>()

  /** How many items the longest way down from here holds; endless in a circle, and endless if one of them may not leave. */
  const height = (link: Link): number => {
    const item = items[link.to]
    if (item === undefined || !claimAllows(item, link) || onTheWay.has(link.to)) return Infinity
    const known = heights.get(link.to)
    if (known !== undefined) return known
    onTheWay.add(link.to)
    let deepest = itemAllows(item) ? 0 : Infinity
    for (const next of [...item.members, ...item.lineage]) deepest = Math.max(deepest, height(next))
    onTheWay.delete(link.to)
    heights.set(link.to, deepest + 1)
    return deepest + 1
  }

  const allAllowed = roots.every((root) => height(root) <= DEEPEST)
  if (!allAllowed) return false
  let members = 0
  for (const index of heights.keys()) {
    members += (items[index]?.members.length ?? 0) + (items[index]?.lineage.length ?? 0)
  }
  return members <= MOST_MEMBERS
}

function itemAllows({ classification, exportable, damage }: Item): boolean {
  return isLow(classification) && exportable === true && damage === null
}

/** A reference to a source need not say how confidential it is and cannot say whether it may leave; a handle must say both. */
function claimAllows({ shape }: Item, { classification, exportable }: Link): boolean {
  if (shape === 'source') return classification === undefined || isLow(classification)
  return isLow(classification) && exportable === true
}

function isLow(classification: unknown): boolean {
  return classification === 'low' || classification === 'medium'
}
