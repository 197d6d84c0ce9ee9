import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openArtifactStore, openVault } from '@ctxlock/artifact-store'

const root = mkdtempSync('artifacts-')
const files = {
  read: (path: string, maxBytes: number) =>
    files.exists(path) ? readFileSync(join(root, path)).subarray(0, maxBytes) : undefined,
  writeAtomic(path: string, bytes: Uint8Array) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, `${path}.tmp`), bytes, { flush: true, mode: 0o600 })
    renameSync(join(root, `${path}.tmp`), join(root, path))
  },
  exists: (path: string) => files.list(dirname(path)).includes(path),
  list: (folder: string) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.startsWith(folder)),
  remove: (path: string) => rmSync(join(root, path), { force: true }),
}
const clock = { now: Date.now }
const store = openArtifactStore({ database: new DatabaseSync(join(root, 'state.db')), files, clock })
const report = store.put(Buffer.from('{"checked":3}'), { kind: 'report', classification: 'low' })
console.log(report.uri, Buffer.from(store.get(report.content_hash)).toString()) // get hashes again

const vault = openVault({ files, key: randomBytes(32), clock, random: { bytes: randomBytes } })
const secret = vault.put(Buffer.from('what the user asked'), { ttlDays: 7 })
console.log(secret.uri, secret.exportable, Buffer.from(vault.get(secret)).toString())
rmSync(root, { recursive: true })
