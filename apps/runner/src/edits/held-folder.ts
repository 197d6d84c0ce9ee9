import { closeSync, constants, lstatSync, mkdirSync, openSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

import type { WorktreeRefusalCode } from '@ctxlock/contracts/edits'
import { sameFileKey } from '@ctxlock/micro-task'

import { errorCode } from '../environment/workspace-reader.ts'

/** Why a path is not written; ends an attempt or an `apply`. Carries nothing of a file. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain'
  readonly code: Exclude<WorktreeRefusalCode, 'BASE_CHANGED'>

  constructor(code: NotPlain['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * A folder that is held open. On Linux what is done through `at` is done in this very folder, whatever anyone puts in its place
 * meanwhile: Node has no `openat`, but `/proc/self/fd/<n>/<name>` is one. Elsewhere a swap between check and use is possible.
 */
interface HeldFolder {
  readonly descriptor: number
  at(name: string): string
}

const IS_LINUX = process.platform === 'linux'

function hold(path: string): HeldFolder {
  // A link in place of the folder fails here (MT-053).
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  const real = IS_LINUX ? `/proc/self/fd/${descriptor}` : realpathSync(path)
  return { descriptor, at: (name) => join(real, name) }
}

/**
 * Calls `use` with the place of a file below `root`, every folder on the way being a plain one of its own. Undefined when a folder is
 * missing and `makeFolders` is not set. Throws `NotPlain` for a link, a submodule, and a name that some file system would take for another.
 */
export function inFolderOf<Result>(
  root: string,
  path: string,
  options: { readonly makeFolders: boolean },
  use: (place: string, folderDescriptor: number) => Result,
): Result | undefined {
  const names = path.split('/')
  const name = names.pop() ?? ''
  let folder = hold(realpathSync.native(root))
  try {
    for (const part of names) {
      checkTwins(folder, part)
      const next = holdPart(folder, part) ?? (options.makeFolders ? makeFolder(folder, part) : undefined)
      if (!next) return undefined
      closeSync(folder.descriptor)
      folder = next
      if (lstatSync(folder.at('.git'), { throwIfNoEntry: false }))
        throw new NotPlain('PATH_NOT_PLAIN', 'a folder on its way is a repository of its own')
    }
    checkTwins(folder, name)
    return use(folder.at(name), folder.descriptor)
  } finally {
    closeSync(folder.descriptor)
  }
}

/** Undefined when there is nothing of this name. */
function holdPart(folder: HeldFolder, part: string): HeldFolder | undefined {
  try {
    return hold(folder.at(part))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    if (['ELOOP', 'ENOTDIR'].includes(errorCode(error))) throw notAFolder(part)
    throw error
  }
}

function makeFolder(folder: HeldFolder, part: string): HeldFolder | undefined {
  try {
    mkdirSync(folder.at(part))
  } catch (error) {
    // Somebody was quicker: what stands there now is looked at like any other.
    if (errorCode(error) !== 'EEXIST') throw error
  }
  return holdPart(folder, part)
}

/** A volume that ignores case opens `A` for `a`: whose file that is, only the listing says. */
function checkTwins(folder: HeldFolder, name: string): void {
  const key = sameFileKey(name)
  for (const other of readdirSync(folder.at('.'))) {
    if (other !== name && sameFileKey(other) === key)
      throw new NotPlain('PATH_COLLISION', 'a name on its way stands there in another case or Unicode form')
  }
}

function notAFolder(part: string): NotPlain {
  return new NotPlain('PATH_NOT_PLAIN', `\`${part}\` on its way is a link or no folder`)
}
