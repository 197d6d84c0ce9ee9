// C2SP tlog-proof: one file that proves one event to whoever has the log's public key. Every byte of it is untrusted.
import type { Hash } from '@ctxlock/contracts/primitives'

/** What a proof file says, before anything of it is checked. */
export interface EventProof {
  /** Canonical text of the event, without its hash; the extra data of the file. */
  readonly event: string
  /** Position in the tree, counted from 0: one less than the event's `seq`. */
  readonly index: number
  readonly proof: readonly Hash[]
  /** The signed checkpoint, as it was written. */
  readonly checkpoint: string
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
const MAX_HASHES = 64

export function formatProof({ event, index, proof, checkpoint }: EventProof): string {
  const hashes = proof.map((hash) => `${Buffer.from(hash, 'hex').toString('base64')}\n`)
  return `${FIRST_LINE}\nextra ${Buffer.from(event).toString('base64')}\nindex ${index}\n${hashes.join('')}\n${checkpoint}`
}

const PROOF =
  /^c2sp\.org\/tlog-proof@v1\nextra ([A-Za-z0-9+/]+={0,2})\nindex (0|[1-9]\d{0,15})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n/

/** Takes a proof file apart; undefined when it is none, or none of an event. */
export function parseProof(text: string): EventProof | undefined {
  const [head, extra = '', index, hashes = ''] = PROOF.exec(text) ?? []
  if (head === undefined) return undefined
  const proof = hashes.split('\n').slice(0, -1)
  if (proof.length > MAX_HASHES) return undefined
  return {
    event: Buffer.from(extra, 'base64').toString('utf8'),
    index: Number(index),
    proof: proof.map((hash) => Buffer.from(hash, 'base64').toString('hex')),
    checkpoint: text.slice(head.length),
  }
}
