import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

import type { ObjectFiles } from '@ctxlock/artifact-store'

import { writeFileAtomically } from './files.ts'
import { errorCode } from './workspace-reader.ts'

/** The files of the state folder for the artifact store and the vault. Paths are made by that package from hashes. */
export function createStateFiles(folder: string): ObjectFiles {
  return {
    read(path, maxBytes) {
      const full = join(folder, path)
      const size = statSync(full, { throwIfNoEntry: false })?.size
      if (size === undefined) return undefined
      return size <= maxBytes ? orUndefined(() => readFileSync(full)) : orUndefined(() => readPrefix(full, maxBytes))
    },
    writeAtomic(path, bytes) {
      writeFileAtomically(join(folder, path), bytes, 0o600)
    },
    exists(path) {
      return existsSync(join(folder, path))
    },
    list(below) {
      const root = join(folder, below)
      if (!existsSync(root)) return []
      return readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .replaceAll(sep, '/'),
        )
    },
    remove(path) {
      rmSync(join(folder, path), { force: true })
    },
  }
}

function readPrefix(path: string, length: number): Uint8Array {
  const buffer = Buffer.alloc(length)
  const descriptor = openSync(path, 'r')
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** The file may vanish between the look and the read. */
function orUndefined(read: () => Uint8Array): Uint8Array | undefined {
  try {
    return read()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
