import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

import { STATEMENT_LINE } from '../src/browser.ts'
import type { ReportFile } from '../src/browser.ts'
import { hashOfText, leafOf, nodeOf, treeOver } from '../src/merkle-tree.ts'

export interface Signer {
  readonly publicKey: string
  note(text: string): string
}

/** A key of the log `name`, and notes signed with it. */
export function signerOf(name: string): Signer {
  const { privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = Buffer.concat([Buffer.of(1), raw])
  const id = createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4)
  return {
    publicKey: `${name}+${id.toString('hex')}+${key.toString('base64')}`,
    note: (text) =>
      `${text}\n— ${name} ${Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString('base64')}\n`,
  }
}

export const LOG = 'log.example/1'
export const RUN = 'run-1'
export const RECORD = '{"saw":"a.md"}'
const OTHER = 'run-2'

/** Events of two runs; those of the first are reported. */
export const TEXTS: readonly string[] = [
  event(1, RUN, 'run_header', {}),
  event(2, OTHER, 'run_header', {}),
  event(3, RUN, 'call_intent', { artifact_refs: [hashOfText(RECORD)] }),
  event(4, RUN, 'llm_inference', {}),
  event(5, RUN, 'run_end', { events_expected: 4 }),
]

export function event(seq: number, run: string | undefined, type: string, payload: object): string {
  const named = run === undefined ? {} : { workflow_run_id: run }
  return JSON.stringify({ payload, seq, type, ...named })
}

export interface Written {
  readonly signer: Signer
  readonly file: ReportFile
  readonly checkpoint: string
}

/** A report over `texts`, of which the first `covered` are signed. Texts at `erased` are left out of it. */
export function writtenReport(
  texts = TEXTS,
  { covered = texts.length, erased = [] }: { readonly covered?: number; readonly erased?: readonly number[] } = {},
): Written {
  const signer = signerOf(LOG)
  const leaves = texts.slice(0, covered).map((text) => leafOf(hashOfText(text)))
  const root = Buffer.from(treeOver(leaves).root(covered), 'hex').toString('base64')
  const checkpoint = signer.note(`${LOG}\n${covered}\n${root}\n`)

  const nodes: string[] = []
  const placeOf = (hash: string) => (nodes.includes(hash) ? nodes.indexOf(hash) : nodes.push(hash) - 1)
  const reported = texts.flatMap((text, at) => (text.includes(OTHER) ? [] : [{ text, seq: at + 1 }]))
  const events = reported.map(({ text, seq }) => ({
    seq,
    text: erased.includes(seq) ? null : text,
    hash: erased.includes(seq) ? hashOfText(text) : null,
    proof: seq <= covered ? siblingsOf(leaves, seq - 1).map(placeOf) : null,
  }))
  const own = events.filter(({ text }) => text?.includes(RUN) === true && !text.includes('erasure_ordered'))
  const statement = JSON.stringify({
    schema_version: 'ctxlock.report_statement@1',
    written_by: 'a test',
    runs: [{ run_id: RUN, part_of: RUN, events: own.length }],
    rules: [],
    records_missing: [],
  })
  const hash = createHash('sha256').update(statement).digest('base64')
  const file: ReportFile = {
    schema_version: 'ctxlock.report@1',
    public_key: signer.publicKey,
    checkpoint,
    nodes,
    events,
    records: [RECORD],
    statement,
    statement_note: signer.note(`${STATEMENT_LINE}\n${hash}\n`),
  }
  return { signer, file, checkpoint }
}

/** From the leaf to the root, as RFC 6962 defines the path. */
function siblingsOf(leaves: readonly string[], index: number): string[] {
  if (leaves.length <= 1) return []
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...siblingsOf(left, index), rootOf(right)]
    : [...siblingsOf(right, index - split), rootOf(left)]
}

function rootOf(leaves: readonly string[]): string {
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeOf(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}
