import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { isRelativePath } from '@ctxlock/contracts/primitives'
import { bytesHash } from '@ctxlock/core-hash'
import { onTestFinished } from 'vitest'

import type { IndexedFile } from '../../src/index.ts'

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

/** Reads the files of a folder; enough of a SourceReader for tests that bring no symlinks. */
export function folderReader(root: string): SourceReader {
  return {
    read(path) {
      if (!isRelativePath(path)) return { status: 'outside_workspace' }
      if (!statSync(join(root, path), { throwIfNoEntry: false })) return { status: 'missing' }
      return { status: 'read', bytes: readFileSync(join(root, path)) }
    },
  }
}

/** Every file of a folder, ready to be indexed. */
export function filesOf(root: string): IndexedFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .map((path) => {
      const bytes = readFileSync(join(root, path))
      return { path, hash: bytesHash(bytes), text: decodeSourceText(bytes) }
    })
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
