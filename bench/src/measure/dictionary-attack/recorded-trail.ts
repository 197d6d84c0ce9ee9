import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What a workspace keeps, as somebody who wants to guess from it sees it. */
export interface Trail {
  /** Hashes and ids in the texts of the events. */
  readonly log: ReadonlySet<string>
  /** Hashes anywhere in the state folder: columns, objects, files and their names. */
  readonly state: ReadonlySet<string>
  /** Stored objects that hold a secret, by the schema they say they are of, without the salt, which goes with the object. */
  readonly objects: readonly { readonly kind: string; readonly text: string }[]
  readonly key: Uint8Array
}

const HASH = /[0-9a-f]{64}/g
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g

export function readTrail(root: string): Trail {
  const folder = join(root, '.ctxlock')
  const database = new DatabaseSync(join(folder, 'state.db'), { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const rows = tables.flatMap(({ name }) => database.prepare(`SELECT * FROM "${String(name)}"`).all())
  const columns = rows
    .flatMap((row) => Object.values(row))
    .map((value) =>
      value instanceof Uint8Array
        ? `${Buffer.from(value).toString('latin1')}${Buffer.from(value).toString('hex')}`
        : String(value),
    )
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const outside = files
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path.replaceAll(/[/\\]/g, '')} ${readFileSync(path).toString('latin1')}`)
  const events = database
    .prepare('SELECT event FROM flight_event')
    .all()
    .map(({ event }) => String(event))
  const objects = database.prepare('SELECT bytes FROM artifact_object WHERE bytes IS NOT NULL').all()
  database.close()
  return {
    log: new Set(events.flatMap((text) => [...(text.match(HASH) ?? []), ...(text.match(UUID) ?? [])])),
    state: new Set([...columns, ...outside].flatMap((text) => text.match(HASH) ?? [])),
    objects: objects
      .flatMap(({ bytes }) => (bytes instanceof Uint8Array ? withoutSalt(Buffer.from(bytes)) : []))
      .filter((text) => /(?<![0-9a-f])(?:4821|7316|5093|2648)(?![0-9a-f])/.test(text))
      .map((text) => ({ kind: /"schema_version":"([^"]+)"/.exec(text)?.[1] ?? 'text', text })),
    key: Buffer.from(readFileSync(join(folder, 'digest.key'), 'utf8').trim(), 'hex'),
  }
}

const SALT_BYTES = 16

/** As a record and as words of a request: nobody needs to say which it is. */
function withoutSalt(object: Buffer): string[] {
  const [whole, cut] = [object.toString('utf8'), object.subarray(0, -SALT_BYTES).toString('utf8')]
  return [whole.replace(/,?"salt":"[0-9a-f]{32}"/, ''), cut]
}
