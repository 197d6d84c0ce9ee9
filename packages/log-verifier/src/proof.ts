import { fromBase64, fromCanonicalBase64, toHex } from './bytes.ts'
import { isCanonical, readEvent } from './event-text.ts'
import { readCheckpoint, readKey } from './signed-note.ts'
import { hashOfText, rootByProof } from './tree-path.ts'

export interface ProofJudgement {
  readonly holds: boolean
  /** The event's text, for a proof that holds. */
  readonly event: string | undefined
}

const REFUSED: ProofJudgement = { holds: false, event: undefined }

/** Judges a proof file (C2SP tlog-proof) of one event by the public key of its log. */
export async function judgeProof(file: string, keyText: string): Promise<ProofJudgement> {
  const key = await readKey(keyText)
  const [first, extra = '', index = '', ...rest] = file.split('\n')
  const gap = rest.indexOf('')
  const position = /^index (0|[1-9]\d{0,15})$/.exec(index)?.[1]
  if (first !== 'c2sp.org/tlog-proof@v1' || !extra.startsWith('extra ') || position === undefined || gap < 0)
    return REFUSED
  const siblings = rest.slice(0, gap).map((line) => toHex(fromCanonicalBase64(line)))
  if (siblings.some((sibling) => sibling.length !== 64)) return REFUSED

  const event = new TextDecoder('utf-8', { ignoreBOM: true }).decode(fromBase64(extra.slice(6)))
  const checkpoint = await readCheckpoint(rest.slice(gap + 1).join('\n'), key)
  if (checkpoint.state !== 'signed') return REFUSED
  const root = await rootByProof(await hashOfText(event), Number(position), checkpoint.size, siblings)
  const isEvent = isCanonical(event) && readEvent(event)?.seq === Number(position) + 1
  return root === checkpoint.root && isEvent ? { holds: true, event } : REFUSED
}
