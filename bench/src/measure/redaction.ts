// What the redactor finds in a file of texts with known secrets, and what it takes for a secret in texts that hold none.
import { parseArgs } from 'node:util'

import { createRedactor } from '../../../packages/ace-validators/src/redactor.ts'
import { SECRET_CATEGORIES } from '../../../packages/contracts/src/ports.ts'
import { piecesOf } from './secrets/pieces.ts'
import { readSecretRows, type SecretRow } from './secrets/secret-rows.ts'

export const name = 'redaction'

export interface Result {
  /** Secrets of which nothing is left after redaction, by tier. */
  readonly recall: Readonly<Record<string, { readonly secrets: number; readonly missed: number }>>
  readonly benign: {
    readonly rows: number
    /** Rows in which something was taken for a secret; contested rows are counted apart. */
    readonly flagged: number
    readonly contested: number
    readonly contested_flagged: number
  }
}

/** `--secrets FILE`: JSON lines, packed with gzip or not. Prints the missed and the wrongly flagged rows by kind and form. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { secrets: { type: 'string' } } })
  if (values.secrets === undefined) throw new Error('Expected --secrets FILE.')
  const redactor = createRedactor()
  const rows = readSecretRows(values.secrets)

  const recall: Record<string, { secrets: number; missed: number }> = {}
  for (const row of rows.filter(({ secrets }) => secrets.length > 0)) {
    const { text } = redactor.redact(row.text)
    const missed = row.secrets.filter(({ value }) => piecesOf(value).some((piece) => text.includes(piece)))
    const tier = (recall[row.tier] ??= { secrets: 0, missed: 0 })
    tier.secrets += row.secrets.length
    tier.missed += missed.length
    if (missed.length > 0) print('missed', row)
  }

  const benign = rows.filter(({ label }) => label === 'benign')
  const isFlagged = ({ text }: SecretRow) =>
    redactor.detect(text).some(({ category }) => SECRET_CATEGORIES.has(category))
  const flagged = benign.filter((row) => isFlagged(row))
  for (const row of flagged) print(row.contested ? 'flagged, contested' : 'flagged', row)
  const contested = (list: readonly SecretRow[]) => list.filter((row) => row.contested).length
  return {
    recall,
    benign: {
      rows: benign.length - contested(benign),
      flagged: flagged.length - contested(flagged),
      contested: contested(benign),
      contested_flagged: contested(flagged),
    },
  }
}

function print(outcome: string, { id, kind, form, tier }: SecretRow): void {
  console.log(`${outcome}: ${id} (${kind}, ${form}, ${tier})`)
}
