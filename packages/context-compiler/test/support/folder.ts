// Free of the test runner, so that a child process can use it.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { isRelativePath } from '@ctxlock/contracts/relative-path'
import { bytesHash } from '@ctxlock/core-hash'

import type { IndexedFile } from '../../src/index.ts'

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
