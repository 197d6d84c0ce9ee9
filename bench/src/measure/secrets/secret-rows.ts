import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** A text that holds secrets, or one that only looks as if it did (`label` benign). Offsets are UTF-16 units. */
export interface SecretRow {
  readonly id: string
  readonly label: string
  readonly kind: string
  readonly form: string
  readonly tier: string
  /** People would not agree whether it is a secret. */
  readonly contested: boolean
  readonly text: string
  readonly secrets: readonly { readonly value: string; readonly start: number; readonly end: number }[]
}

/** Reads rows of JSON lines, packed with gzip or not; every row needs `text`, the rest has defaults. */
export function readSecretRows(path: string): SecretRow[] {
  const bytes = readFileSync(path)
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
  const rows = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [rowOf(line, index + 1)]))
  if (rows.length === 0) throw new Error('Expected at least one row in the file of secrets.')
  return rows
}

function rowOf(line: string, number: number): SecretRow {
  const row: unknown = JSON.parse(line)
  const field = (name: string, fallback: string): string => {
    const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined
    return typeof value === 'string' ? value : fallback
  }
  const text = field('text', '')
  const listed: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'secrets') : undefined
  const secrets = (Array.isArray(listed) ? listed : []).map((secret: unknown) => secretOf(secret, text, number))
  if (text === '') throw new Error(`Expected a text in row ${number} of the file of secrets.`)
  return {
    id: field('id', `row-${number}`),
    label: field('label', secrets.length > 0 ? 'secret' : 'benign'),
    kind: field('kind', 'unknown'),
    form: field('form', 'unknown'),
    tier: field('tier', 'none'),
    contested: typeof row === 'object' && row !== null && Reflect.get(row, 'contested') === true,
    text,
    secrets,
  }
}

function secretOf(secret: unknown, text: string, row: number): SecretRow['secrets'][number] {
  if (typeof secret === 'object' && secret !== null) {
    const [value, start, end] = ['value', 'start', 'end'].map((name): unknown => Reflect.get(secret, name))
    if (typeof value === 'string' && typeof start === 'number' && typeof end === 'number') {
      return { value, start, end: Math.min(end, text.length) }
    }
  }
  throw new Error(`Expected value, start and end for each secret of row ${row}.`)
}
