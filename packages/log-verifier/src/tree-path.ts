// Hashes of RFC 6962 by WebCrypto, which browsers and Node both have.
import { fromHex, joined, toBase64, toHex, utf8 } from './bytes.ts'

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export const hashOfText = (text: string): Promise<string> => sha256(utf8(text))

/** SHA-256 of a text, in base64. */
export const base64HashOf = async (text: string): Promise<string> => toBase64(fromHex(await hashOfText(text)))

/** Leaf over the 32 bytes of an event's hash, in hex. */
const leafOf = (eventHash: string): Promise<string> => sha256(joined(Uint8Array.of(0), fromHex(eventHash)))

const nodeOf = (left: string, right: string): Promise<string> =>
  sha256(joined(Uint8Array.of(1), fromHex(left), fromHex(right)))

/** The root that an event's hash and a proof amount to, both in hex; undefined when the proof has another length. */
export async function rootByProof(
  eventHash: string,
  index: number,
  size: number,
  siblings: readonly string[],
): Promise<string | undefined> {
  return index < size ? rootBelow(await leafOf(eventHash), index, size, siblings) : undefined
}

/** Walks down from the root as RFC 6962 defines the path, and hashes on the way back. */
async function rootBelow(
  leaf: string,
  index: number,
  size: number,
  siblings: readonly string[],
): Promise<string | undefined> {
  const sibling = siblings.at(-1)
  if (size === 1) return sibling === undefined ? leaf : undefined
  if (sibling === undefined) return undefined
  const split = splitOf(size)
  const below = siblings.slice(0, -1)
  if (index < split) {
    const left = await rootBelow(leaf, index, split, below)
    return left === undefined ? undefined : nodeOf(left, sibling)
  }
  const right = await rootBelow(leaf, index - split, size - split, below)
  return right === undefined ? undefined : nodeOf(sibling, right)
}

export interface SignedTree {
  readonly size: number
  readonly root: string
}

/** True when the siblings show that the later tree begins with the leaves of the earlier one. */
export async function leadsOn(earlier: SignedTree, later: SignedTree, siblings: readonly string[]): Promise<boolean> {
  if (earlier.size < 1 || earlier.size > later.size) return false
  const both = await bothRoots(earlier.size, later.size, earlier.root, [...siblings], true)
  return both?.[0] === earlier.root && both[1] === later.root
}

/** SUBPROOF(m, D[n], b) of RFC 6962 backwards: the roots of the first `m` and of all `n` leaves of a subtree. Takes siblings from the end. */
async function bothRoots(
  m: number,
  n: number,
  known: string,
  siblings: string[],
  isWhole: boolean,
): Promise<readonly [string, string] | undefined> {
  if (m === n) {
    const root = isWhole ? known : siblings.pop()
    return root === undefined || siblings.length > 0 ? undefined : [root, root]
  }
  const sibling = siblings.pop()
  if (sibling === undefined) return undefined
  const split = splitOf(n)
  if (m <= split) {
    const left = await bothRoots(m, split, known, siblings, isWhole)
    return left && [left[0], await nodeOf(left[1], sibling)]
  }
  const right = await bothRoots(m - split, n - split, known, siblings, false)
  return right && [await nodeOf(sibling, right[0]), await nodeOf(sibling, right[1])]
}

/** The largest power of two below the size. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
