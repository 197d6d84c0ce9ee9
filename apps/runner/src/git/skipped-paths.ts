import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { runGit } from './git-command.ts'

/** Paths a sparse checkout leaves out of the working tree, as git's index marks them. Empty when none is in use. */
export function sparselySkipped(root: string): ReadonlySet<string> {
  const isSparse = runGit(root, ['config', '--bool', 'core.sparseCheckout'])?.toString('latin1').trim() === 'true'
  const listed = isSparse ? runGit(root, ['ls-files', '-t', '-z']) : undefined
  const entries = listed?.toString('utf8').split('\0') ?? []
  return new Set(entries.filter((entry) => entry.startsWith('S ')).map((entry) => entry.slice(2).normalize('NFC')))
}

/** The folder of the submodule a path lies in that is not checked out, if any. */
export function missingSubmodule(path: string, gitmodules: string, root: string): string | undefined {
  const folders = [...gitmodules.matchAll(/^[\t ]*path[\t ]*=[\t ]*(.+?)[\t ]*$/gm)].map(([, folder = '']) => folder)
  return folders.find((folder) => path.startsWith(`${folder}/`) && !existsSync(join(root, folder, '.git')))
}
