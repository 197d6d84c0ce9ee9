import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'

import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** A path of the system as one of the workspace, if it lies there. */
export function pathInside(root: string, path: string): string | undefined {
  const inside = relative(root, path).replaceAll('\\', '/').normalize('NFC')
  return isRelativePath(inside) ? inside : undefined
}

/** A file named on the command line, seen from the current folder, as a path of the workspace. */
export function pathInWorkspace(root: string, currentFolder: string, path: string, option: string): string {
  const inside = pathInside(root, resolve(realpathSync(currentFolder), path))
  if (path !== '' && inside !== undefined) return inside
  // A path that is meant from the workspace's own folder is taken as such.
  if (path !== '' && isRelativePath(path)) return path
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'PATH_OUTSIDE',
    message: `${option} expects a file inside the workspace; got ${path === '' ? 'an empty path' : path}`,
    hint: 'Give a path below the workspace folder, so that everybody who checks it has the file.',
  })
}
