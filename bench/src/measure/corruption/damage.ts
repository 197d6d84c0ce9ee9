import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import { pick, type Random } from '../generated-files/random.ts'

/** Flips a bit, overwrites or cuts a file at a random place; says which. */
export function damageBytes(path: string, random: Random): string {
  const bytes = readFileSync(path)
  const at = Math.floor(random() * bytes.length)
  const [what, damaged] = pick<readonly [string, Uint8Array]>(random, [
    ['a flipped bit', flipped(bytes, at, random)],
    ['a cut', bytes.subarray(0, at)],
    ['zeros', Buffer.from(bytes).fill(0, at, at + 512)],
    ['a doubled part', Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 100))])],
  ])
  writeFileSync(path, damaged)
  return `${what} at byte ${at}`
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
