// Plants texts with known secrets in files of many kinds, locks them with the command itself and looks for every secret in
// every byte the command wrote.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { seededRandom } from './generated-files/random.ts'
import { createPieceIndex } from './secrets/pieces.ts'
import { plant, plantInName, type PlantedFile } from './secrets/planting.ts'
import { readSecretRows, type SecretRow } from './secrets/secret-rows.ts'
import { storedTexts } from './secrets/stored-bytes.ts'
import { writeFiles } from '../write-files.ts'

export interface Result {
  readonly rows: number
  /** Files with a secret in them, or in their name. */
  readonly planted: number
  /** Secrets of which a piece stands in anything stored. A path is stated as it is; files named by a secret are told below. */
  readonly leaked: number
  readonly leaked_by_form: Readonly<Record<string, number>>
  readonly named_by_a_secret: number
  /** Files without a pack, by reason. */
  readonly not_packed: Readonly<Record<string, number>>
  /** Files with a text that only looks like a secret, and how many secrets were redacted in their packs. */
  readonly benign_files: number
  readonly false_redactions: number
}

const MAIN = fileURLToPath(new URL('../../../apps/runner/src/main.ts', import.meta.url))

/** `--secrets FILE` of rows in JSON lines, `--files N` (500), `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { secrets: { type: 'string' }, files: { type: 'string' }, seed: { type: 'string' } },
  })
  if (values.secrets === undefined) throw new Error('Expected --secrets FILE.')
  const files = Number(values.files ?? 500)
  if (!Number.isSafeInteger(files) || files < 1) throw new Error('Expected --files to be a whole number from 1 up.')
  const random = seededRandom(Number(values.seed ?? 1))
  const rows = readSecretRows(values.secrets)
  const secretRows = rows.filter(({ secrets }) => secrets.length > 0)
  const benignRows = rows.filter(({ label, contested }) => label === 'benign' && !contested)

  const planted = Array.from({ length: Math.max(files, secretRows.length) }, (_, number) => {
    const row = at(secretRows, number)
    const inName = number % 25 === 24 ? plantInName(row.secrets[0]?.value ?? '', number) : undefined
    return inName ?? plant(row.text, number, random)
  })
  const benign = benignRows.map((row, number) => plant(row.text, number, random))
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-planted-'))
  try {
    const plantedFolder = join(folder, 'planted')
    const benignFolder = join(folder, 'benign')
    lock(plantedFolder, planted)
    lock(benignFolder, benign)
    const names = planted.map(({ path }) => path).filter((path) => path.startsWith('named/'))
    const leaks = leaksOf(plantedFolder, secretRows, names)
    for (const [row, places] of leaks) {
      console.log(`leaked: ${row.id} (${row.kind}, ${row.form}, ${row.tier}) in ${[...places].slice(0, 3).join(', ')}`)
    }
    return {
      rows: rows.length,
      planted: planted.length,
      leaked: leaks.size,
      leaked_by_form: counted([...leaks.keys()].map(({ form }) => form)),
      named_by_a_secret: names.length,
      not_packed: counted(notPacked(plantedFolder)),
      benign_files: benign.length,
      false_redactions: falseRedactions(benignFolder),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function at(rows: readonly SecretRow[], number: number): SecretRow {
  const row = rows[number % rows.length]
  if (row === undefined) throw new Error('Expected at least one row with a secret.')
  return row
}

function lock(folder: string, files: readonly PlantedFile[]): void {
  writeFiles(
    folder,
    files.map(({ path, text }) => [path, text]),
  )
  for (const command of ['init', 'lock']) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, command], { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`Expected ctxlock ${command} to end with 0, got ${status}: ${stderr}${stdout}`)
  }
}

function leaksOf(folder: string, rows: readonly SecretRow[], names: readonly string[]): Map<SecretRow, Set<string>> {
  const index = createPieceIndex<SecretRow>()
  for (const row of rows) for (const { value } of row.secrets) index.add(value, row)
  const leaks = new Map<SecretRow, Set<string>>()
  const look = (place: string, text: string) => {
    const withoutNames = names.reduce((rest, path) => rest.replaceAll(path, ''), text)
    for (const row of index.find(withoutNames)) leaks.set(row, (leaks.get(row) ?? new Set()).add(place))
  }
  for (const { name: place, text } of storedTexts(join(folder, '.ctxlock'))) look(place, text)
  look('ctxlock.lock', readFileSync(join(folder, 'ctxlock.lock'), 'latin1'))
  return leaks
}

function notPacked(folder: string): string[] {
  const lines = readFileSync(join(folder, 'ctxlock.lock'), 'utf8').split('\n')
  return lines.flatMap(
    (line) => /"not_packed": "(\w+)"/.exec(line)?.[1] ?? /"reason": "([\w-]+)"/.exec(line)?.[1] ?? [],
  )
}

const SECRET_MARK = /\[REDACTED:(?:api_key|aws|db_url|private_key|password|token):/

function falseRedactions(folder: string): number {
  let count = 0
  for (const { name: place, text } of storedTexts(join(folder, '.ctxlock'))) {
    if (place.endsWith(' row') && SECRET_MARK.test(text)) count += 1
  }
  return count
}

function counted(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
