// The file port over a real folder, for tests; the one of the product is in the runner.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { ObjectFiles } from '../src/index.ts'

export interface TestFolder extends Disposable {
  readonly path: string
  readonly files: ObjectFiles
  readonly database: DatabaseSync
}

export function openFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'ctxlock-store-'))
  const database = new DatabaseSync(join(path, 'state.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return {
    path,
    files: folderFiles(path),
    database,
    [Symbol.dispose]() {
      database.close()
      rmSync(path, { recursive: true })
    },
  }
}

export function folderFiles(root: string): ObjectFiles {
  return {
    read(path, maxBytes) {
      const file = join(root, path)
      return existsSync(file) ? readFileSync(file).subarray(0, maxBytes) : undefined
    },
    writeAtomic(path, bytes) {
      const file = join(root, path)
      mkdirSync(dirname(file), { recursive: true })
      const temporary = `${file}.tmp`
      const descriptor = openSync(temporary, 'w', 0o600)
      try {
        writeSync(descriptor, bytes)
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      renameSync(temporary, file)
    },
    exists: (path) => existsSync(join(root, path)),
    *list(folder) {
      const start = join(root, folder)
      if (!existsSync(start)) return
      for (const entry of readdirSync(start, { recursive: true, withFileTypes: true })) {
        if (entry.isFile() && !entry.name.endsWith('.tmp')) yield relative(root, join(entry.parentPath, entry.name))
      }
    },
    remove: (path) => rmSync(join(root, path), { force: true }),
  }
}

/** The file port with one member replaced, to fail where a disk would. */
export function failing(files: ObjectFiles, broken: Partial<ObjectFiles>): ObjectFiles {
  return { ...files, ...broken }
}
