import { isCanonical, readEvent } from './event-text.ts'
import { hashOfText, leafOf, nodeOf } from './merkle-tree.ts'
import { readCheckpoint, readKey } from './signed-note.ts'

export interface ProofJudgement {
  readonly holds: boolean
  /** The event's text, for a proof that holds. */
  readonly event: string | undefined
}

const REFUSED: ProofJudgement = { holds: false, event: undefined }

/** Judges a proof file (C2SP tlog-proof) of one event by the public key of its log. */
export function judgeProof(file: string, keyText: string): ProofJudgement {
  const [first, extra = '', index = '', ...rest] = file.split('\n')
  const gap = rest.indexOf('')
  const position = /^index (0|[1-9]\d{0,15})$/.exec(index)?.[1]
  if (first !== 'c2sp.org/tlog-proof@v1' || !extra.startsWith('extra ') || position === undefined || gap < 0)
    return REFUSED
  const siblings = rest.slice(0, gap).map((line) => Buffer.from(line, 'base64'))
  if (siblings.some((sibling, at) => sibling.length !== 32 || sibling.toString('base64') !== rest[at])) return REFUSED

  const event = Buffer.from(extra.slice(6), 'base64').toString('utf8')
  const checkpoint = readCheckpoint(rest.slice(gap + 1).join('\n'), readKey(keyText))
  if (checkpoint.state !== 'signed' || Number(position) >= checkpoint.size) return REFUSED
  const root = rootBy(
    leafOf(hashOfText(event)),
    Number(position),
    checkpoint.size,
    siblings.map((one) => one.toString('hex')),
  )
  const isEvent = isCanonical(event) && readEvent(event)?.seq === Number(position) + 1
  return root === checkpoint.root && isEvent ? { holds: true, event } : REFUSED
}

/** Walks down from the root as RFC 6962 defines the path, and hashes on the way back. */
function rootBy(leaf: string, index: number, size: number, siblings: readonly string[]): string | undefined {
  const sibling = siblings.at(-1)
  if (size === 1) return sibling === undefined ? leaf : undefined
  if (sibling === undefined) return undefined
  let split = 1
  while (split * 2 < size) split *= 2
  const below = siblings.slice(0, -1)
  if (index < split) {
    const left = rootBy(leaf, index, split, below)
    return left === undefined ? undefined : nodeOf(left, sibling)
  }
  const right = rootBy(leaf, index - split, size - split, below)
  return right === undefined ? undefined : nodeOf(sibling, right)
}
