import { sep } from 'node:path'

import type { FileSystem } from './file-system.ts'

/** A folder below which files are opened by paths and links that may be an attacker's. */
export interface TreeRoot {
  /** Its real path, with a separator behind it. */
  readonly prefix: string
  /** To open a file with: non-blocking, so that a FIFO with no writer cannot hang the process. */
  readonly flags: number
  /** Where the file that was opened by `path` really lies, relative to the root; undefined outside of it. */
  realPath(descriptor: number, path: string): string | undefined
}

/** `root` has to exist. What counts as inside is decided on the opened file, after every symlink. */
export function treeRoot(files: FileSystem, root: string): TreeRoot {
  const realRoot = files.realpathSync(root)
  const prefix = realRoot.endsWith(sep) ? realRoot : realRoot + sep
  return {
    prefix,
    flags: files.constants.O_RDONLY | files.constants.O_NONBLOCK,
    realPath(descriptor, path) {
      // The descriptor's own path leaves no gap between check and read; elsewhere than on Linux the path is resolved again.
      const real =
        process.platform === 'linux'
          ? files.readlinkSync(`/proc/self/fd/${descriptor}`)
          : files.realpathSync(prefix + path)
      if (real === prefix + path) return path
      return real.startsWith(prefix) ? real.slice(prefix.length).replaceAll(sep, '/') : undefined
    },
  }
}

/** Why a file could not be opened or read, by the error of the system. */
export function openProblem(error: unknown): 'missing' | 'not_a_file' | 'unreadable' {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing'
  if (code === 'EISDIR' || code === 'ENXIO') return 'not_a_file'
  return 'unreadable'
}
