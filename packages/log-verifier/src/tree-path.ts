// Hashes of RFC 6962 by WebCrypto, which browsers and Node both have.
import { fromHex, joined, toHex, utf8 } from './bytes.ts'

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export const hashOfText = (text: string): Promise<string> => sha256(utf8(text))

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
  let split = 1
  while (split * 2 < size) split *= 2
  const below = siblings.slice(0, -1)
  if (index < split) {
    const left = await rootBelow(leaf, index, split, below)
    return left === undefined ? undefined : nodeOf(left, sibling)
  }
  const right = await rootBelow(leaf, index - split, size - split, below)
  return right === undefined ? undefined : nodeOf(sibling, right)
}
