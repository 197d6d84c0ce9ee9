import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { isGitDirectory } from '../git/repository.ts'
import { CONFIG_FILE, LOCKFILE } from './committed-files.ts'

/**
 * The workspace: the folder named by the person, else the nearest one upwards that holds a config, a lockfile or a git
 * repository, else the current folder. Throws `WORKSPACE_MISSING` and `WORKSPACE_IS_GIT`.
 */
export function findWorkspaceRoot(named: string | undefined, currentFolder: string): string {
  if (named !== undefined) {
    const folder = resolve(currentFolder, named)
    if (!isFolder(folder)) {
      throw new CommandError({
        exit: EXIT_CODE.usage,
        code: 'WORKSPACE_MISSING',
        message: `--workspace expects a folder that exists; got ${named}`,
        hint: 'Give the folder that holds your sources.',
      })
    }
    return sourceFolder(realpathSync(folder))
  }
  for (let folder = realpathSync(currentFolder); ; folder = dirname(folder)) {
    if ([CONFIG_FILE, LOCKFILE, '.git'].some((marker) => existsSync(join(folder, marker)))) return sourceFolder(folder)
    if (dirname(folder) === folder) return sourceFolder(realpathSync(currentFolder))
  }
}

function sourceFolder(folder: string): string {
  if (!isGitDirectory(folder)) return folder
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'WORKSPACE_IS_GIT',
    message: `${folder} is the data of a git repository, not a folder of sources`,
    hint: 'Work in a clone or a worktree of it, and give that folder with --workspace.',
  })
}

/** False for whatever cannot be looked at: a name too long, a loop of links. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
