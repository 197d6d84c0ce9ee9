import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { onTestFinished } from 'vitest'

export type Files = Readonly<Record<string, string | Uint8Array>>

/** A real folder with the given files, removed when the test ends. */
export function makeWorkspace(files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'context-compiler-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) writeFile(root, path, content)
  return root
}

export function writeFile(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** A database file of its own, closed and removed when the test ends. */
export function openDatabase(): DatabaseSync {
  const folder = mkdtempSync(join(tmpdir(), 'context-compiler-db-'))
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('PRAGMA journal_mode = WAL')
  onTestFinished(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return database
}
