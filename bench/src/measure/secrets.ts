// What the redactor finds in a file of texts with known secrets, and what it takes for a secret in texts that hold none.
import { parseArgs } from 'node:util'

import { createRedactor } from '../../../packages/ace-validators/src/redactor.ts'
import { SECRET_CATEGORIES } from '../../../packages/contracts/src/ports.ts'
import { generatedSecretRows } from './secrets/generated-rows.ts'
import { readSecretRows, type SecretRow } from './secrets/secret-rows.ts'
import { covers, share, touches, type Span } from './spans/found-spans.ts'

export interface Result {
  readonly total: { readonly rows: number; readonly secrets: number; readonly benign: number }
  /** Secrets of which anything is found. */
  readonly recall: { readonly core: number; readonly all: number }
  /** Of the secrets that are found: those found from end to end. */
  readonly covered: number
  /** Rows without a secret, contested ones left out, in which something is taken for one. */
  readonly falsePositive: number
}

/**
 * `--rows FILE`: JSON lines, packed with gzip or not; without it rows made from a seed. Prints the missed and the wrongly flagged
 * rows by kind and form.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string' } } })
  const redactor = createRedactor()
  const read = values.rows === undefined ? generatedSecretRows() : readSecretRows(values.rows)
  const rows = read.map((row) => {
    const found = redactor.detect(row.text).filter(({ category }) => SECRET_CATEGORIES.has(category))
    return { row, found }
  })
  const secrets = rows.flatMap(({ row, found }) => row.secrets.map((secret) => ({ row, secret, found })))
  const benign = rows.filter(({ row }) => row.label === 'benign' && !row.contested)
  const isFound = ({ secret, found }: { secret: Span; found: readonly Span[] }) => touches(found, secret)
  for (const entry of secrets)
    if (!covers(entry.found, entry.secret)) print(isFound(entry) ? 'in part' : 'missed', entry.row)
  for (const { row, found } of benign) if (found.length > 0) print('flagged', row)
  return {
    total: { rows: rows.length, secrets: secrets.length, benign: benign.length },
    recall: {
      core: share(
        secrets.filter(({ row }) => row.tier === 'core'),
        isFound,
      ),
      all: share(secrets, isFound),
    },
    covered: share(secrets.filter(isFound), ({ secret, found }) => covers(found, secret)),
    falsePositive: share(benign, ({ found }) => found.length > 0),
  }
}

function print(outcome: string, { id, kind, form, tier }: SecretRow): void {
  console.log(`${outcome}: ${id} (${kind}, ${form}, ${tier})`)
}
