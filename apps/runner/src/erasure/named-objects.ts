import type { ListableArtifactStore } from '@ctxlock/artifact-store'
import type { ArtifactStore, SqlDatabase } from '@ctxlock/contracts/ports'

const HASH = /[0-9a-f]{64}/g
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
/** What names objects beside the log: everything the runner, the engine, the packs and the consents keep. */
const NAMING_TABLES = /^(?:runner_|engine_|consent_|context_pack|model_swap)/

/** Tables are made by whoever first writes to them. */
export function hasTable(database: SqlDatabase, name: string): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
}

/** The objects a text names; it is a guess that errs on the side of keeping one. */
export function hashesIn(text: string): string[] {
  return text.match(HASH) ?? []
}

/** The hashes in rows that hold one of the ids, and those in all others but what is left of `erased` ones. */
export function hashesInTables(database: SqlDatabase, ids: ReadonlySet<string>, erased: ReadonlySet<string>) {
  const [ofScope, others] = [new Set<string>(), new Set<string>()]
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  for (const { name } of tables) {
    if (!NAMING_TABLES.test(String(name))) continue
    for (const row of database.prepare(`SELECT * FROM "${String(name)}"`).iterate()) {
      const texts = Object.values(row).filter((value) => typeof value === 'string')
      const isInScope = texts.some((text) => ids.has(text))
      if (!isInScope && texts.some((text) => erased.has(text))) continue
      for (const hash of texts.flatMap(hashesIn)) (isInScope ? ofScope : others).add(hash)
    }
  }
  return { ofScope, others }
}

/** Objects that hold one of the ids and are not among `kept`: a call that never left the machine stores some that nothing names. */
export function objectsNaming(
  artifacts: Pick<ListableArtifactStore, 'get' | 'list'>,
  ids: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): string[] {
  const hashes = [...artifacts.list()].map(({ content_hash }) => content_hash).filter((hash) => !kept.has(hash))
  return hashes.filter((hash) =>
    textOf(artifacts, hash)
      .match(ID)
      ?.some((id) => ids.has(id)),
  )
}

/** These objects and those they name, as far as they are stored, added to those `found` before. */
export function reachable(
  artifacts: Pick<ArtifactStore, 'get' | 'has'>,
  hashes: Iterable<string>,
  found = new Set<string>(),
): Set<string> {
  const waiting = [...hashes]
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    if (found.has(hash) || !artifacts.has(hash)) continue
    found.add(hash)
    waiting.push(...hashesIn(textOf(artifacts, hash)))
  }
  return found
}

function textOf(artifacts: Pick<ArtifactStore, 'get'>, hash: string): string {
  return Buffer.from(artifacts.get(hash)).toString('latin1')
}
