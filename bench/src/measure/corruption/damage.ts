import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import { pick, type Random } from '../generated-files/random.ts'

/** The ways in which bytes are damaged at one place; empty bytes have no place. */
const WAYS: Readonly<Record<string, (bytes: Buffer, at: number, random: Random) => Uint8Array>> = {
  'a flipped bit': flipped,
  'a cut': (bytes, at) => bytes.subarray(0, at),
  zeros: (bytes, at) => Buffer.from(bytes).fill(0, at, Math.min(at + 512, bytes.length)),
  'a doubled part': (bytes, at) => Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(Math.max(0, at - 100))]),
}

export interface DamagedBytes {
  readonly what: string
  readonly bytes: Uint8Array
}

/** The bytes damaged in every way, each at a random place; without those that came out as they were. */
export function damagedBytes(bytes: Buffer, random: Random): DamagedBytes[] {
  return Object.entries(WAYS).flatMap(([way, damage]) => {
    const at = Math.floor(random() * bytes.length)
    const damaged = damage(bytes, at, random)
    return bytes.equals(damaged) ? [] : [{ what: `${way} at byte ${at}`, bytes: damaged }]
  })
}

/** Damages a file in one of the ways; says which. */
export function damageFile(path: string, random: Random): string {
  const ways = damagedBytes(readFileSync(path), random)
  const chosen = ways[Math.floor(random() * ways.length)]
  if (!chosen) return 'nothing, as it is empty,'
  writeFileSync(path, chosen.bytes)
  return chosen.what
}

function flipped(bytes: Buffer, at: number, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  return copy
}

/** Damages one stored value as somebody with write access could, whatever protects the table; says where. */
export function damageDatabase(path: string, random: Random): string {
  const database = new DatabaseSync(path)
  try {
    for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
      database.exec(`DROP TRIGGER "${String(name)}"`)
    }
    const table = pick(random, ['artifact_object', 'context_pack', 'flight_event', 'flight_head', 'runner_call'])
    const columns = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
    const column = String(columns[Math.floor(random() * columns.length)]?.['name'] ?? '')
    const count = Number(database.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.['n'] ?? 0)
    const offset = Math.floor(random() * count)
    const key = `(SELECT "${column}" FROM "${table}" LIMIT 1 OFFSET ${offset})`
    if (random() < 0.25) {
      database.exec(`DELETE FROM "${table}" WHERE "${column}" = ${key}`)
      return `a deleted row of ${table} (${column})`
    }
    const value = database.prepare(`SELECT ${key} AS value`).get()?.['value']
    database
      .prepare(`UPDATE OR IGNORE "${table}" SET "${column}" = ? WHERE "${column}" = ?`)
      .run(changed(value, random), value ?? null)
    return `a changed ${column} of ${table}`
  } finally {
    database.close()
  }
}

function changed(value: unknown, random: Random): string | number | Uint8Array | null {
  if (typeof value === 'number') return value + 1
  if (value instanceof Uint8Array) return flipped(Buffer.from(value), Math.floor(random() * value.length), random)
  if (typeof value !== 'string' || value === '') return null
  const at = Math.floor(random() * value.length)
  return random() < 0.5
    ? value.slice(0, at)
    : `${value.slice(0, at)}${value[at] === 'a' ? 'b' : 'a'}${value.slice(at + 1)}`
}
