import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Everything below a folder, file by file as one character a byte, and every row of every database in it once more. */
export function* storedTexts(folder: string): Generator<{ readonly name: string; readonly text: string }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    yield { name: entry.name, text: readFileSync(path).toString('latin1') }
    if (entry.name.endsWith('.db')) yield* rowsOf(path)
  }
}

/** A long value is cut across pages of the file; here it is whole. */
function* rowsOf(path: string): Generator<{ readonly name: string; readonly text: string }> {
  const database = new DatabaseSync(path, { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  for (const { name } of tables) {
    for (const row of database.prepare(`SELECT * FROM "${String(name)}"`).iterate()) {
      for (const value of Object.values(row)) {
        if (typeof value === 'string')
          yield { name: `${String(name)} row`, text: Buffer.from(value).toString('latin1') }
        else if (value instanceof Uint8Array)
          yield { name: `${String(name)} row`, text: Buffer.from(value).toString('latin1') }
      }
    }
  }
  database.close()
}
