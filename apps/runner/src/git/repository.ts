import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Whether a folder lies in the working tree of a git repository. */
export function isInGit(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInGit(dirname(folder)))
}

/** Whether a folder is the data of a repository, as a bare one is: what lies in it is no source of anything. */
export function isGitDirectory(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(folder, name)))
}
