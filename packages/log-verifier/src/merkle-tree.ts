import { createHash } from 'node:crypto'

const sha256 = (...parts: readonly Buffer[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/** SHA-256 of a text, in hex. */
export const hashOfText = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

/** Leaf over the 32 bytes of an event's hash, in hex. */
export const leafOf = (eventHash: string): string => sha256(LEAF, Buffer.from(eventHash, 'hex')).toString('hex')

export const nodeOf = (left: string, right: string): string =>
  sha256(NODE, Buffer.from(left, 'hex'), Buffer.from(right, 'hex')).toString('hex')

/** A tree over leaves that answers for every size of it: row `n` of `levels` holds the roots of all whole subtrees of 2^n leaves. */
export function treeOver(leaves: readonly string[]) {
  const levels = [leaves]
  for (let row = leaves; row.length > 1;) {
    const next: string[] = []
    for (let at = 0; at + 1 < row.length; at += 2) next.push(nodeOf(row[at] ?? '', row[at + 1] ?? ''))
    levels.push((row = next))
  }

  /** Roots of the whole subtrees that the first `size` leaves fall into, the largest first. */
  function peaks(size: number): string[] {
    const found: string[] = []
    let start = 0
    for (let level = levels.length - 1; level >= 0; level -= 1) {
      const width = 2 ** level
      if (size - start < width) continue
      found.push(levels[level]?.[start / width] ?? '')
      start += width
    }
    return found
  }

  function root(size: number): string {
    const [last, ...rest] = peaks(size).reverse()
    return last === undefined ? hashOfText('') : rest.reduce((hash, peak) => nodeOf(peak, hash), last)
  }

  return { size: leaves.length, root }
}
