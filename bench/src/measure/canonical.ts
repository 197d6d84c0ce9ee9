// Canonical text and hash beside JSON.stringify and the npm package `canonicalize`, on the built-in records or given files.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { compareValue, run, type Row } from '../canonical-json.ts'

/** `--files a.json b.json …` takes JSON files instead of the built-in records. Ratios are multiples of native. */
export async function measure(args: readonly string[]): Promise<object> {
  const options = { files: { type: 'string', multiple: true }, rounds: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const files = [...(values.files ?? []), ...positionals]
  const rows = files.length > 0 ? files.flatMap((file) => compareFile(file, rounds)) : (await run()).rows
  return { node: process.version, ascii: worstOf(rows, true), unicode: worstOf(rows, false), rows }
}

function compareFile(file: string, rounds: number | undefined): Row[] {
  const text = readFileSync(file, 'utf8')
  return compareValue(`${isAscii(text) ? 'ASCII' : 'Unicode'} ${file}`, JSON.parse(text), rounds)
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** The highest ratio of each work; the peer's, and that of the questions alone, at the same place. */
function worstOf(rows: readonly Row[], ascii: boolean): object {
  const ofKind = rows.filter(({ object }) => object.startsWith('ASCII') === ascii)
  const worst = (work: Row['work']) =>
    ofKind.filter((row) => row.work === work).toSorted((a, b) => b.ratio - a.ratio)[0]
  const [text, hash] = [worst('text'), worst('hash')]
  return {
    worst_text_ratio: text?.ratio ?? null,
    peer_text_ratio: text?.peer_ratio ?? null,
    questions_text_ratio: text?.questions_ratio ?? null,
    worst_hash_ratio: hash?.ratio ?? null,
    peer_hash_ratio: hash?.peer_ratio ?? null,
    questions_hash_ratio: hash?.questions_ratio ?? null,
  }
}
