import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { readRegularFile } from '../environment/regular-file.ts'
import { runGit } from './git-command.ts'

/** Paths a sparse checkout leaves out of the working tree, as git's index marks them. Empty when none is in use. */
export function sparselySkipped(root: string): ReadonlySet<string> {
  const isSparse = runGit(root, ['config', '--bool', 'core.sparseCheckout'])?.toString('latin1').trim() === 'true'
  const listed = isSparse ? runGit(root, ['ls-files', '-t', '-z']) : undefined
  const entries = listed?.toString('utf8').split('\0') ?? []
  return new Set(entries.filter((entry) => entry.startsWith('S ')).map((entry) => entry.slice(2).normalize('NFC')))
}

/** The folder of the submodule a path lies in that is not checked out, if any; also of one within another. */
export function missingSubmodule(path: string, root: string, below = ''): string | undefined {
  const folder = submodulesIn(join(root, below)).find((inner) => path.startsWith(`${below}${inner}/`))
  if (folder === undefined) return undefined
  return existsSync(join(root, below, folder, '.git'))
    ? missingSubmodule(path, root, `${below}${folder}/`)
    : `${below}${folder}`
}

/** Where `.gitmodules` says that there are submodules. The file is a source like any other: it may say anything. */
function submodulesIn(folder: string): string[] {
  let text: string
  try {
    text = readRegularFile(join(folder, '.gitmodules'), 1_048_576).toString('utf8')
  } catch {
    return []
  }
  return [...text.matchAll(/^[\t ]*path[\t ]*=[\t ]*(.+?)[\t ]*$/gm)].map(([, path = '']) => path)
}
