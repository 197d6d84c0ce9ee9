import { statSync } from 'node:fs'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { errorCode } from './workspace-reader.ts'

/** Before anything is done for it: throws `OUTPUT_INVALID` where `--output` can be no file. */
export function checkOutput(path: string | undefined): void {
  if (path === undefined) return
  const problem = problemOf(path)
  if (problem === undefined) return
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'OUTPUT_INVALID',
    message: `--output expects the name of a file; ${path} ${problem}`,
    hint: 'Give another name; nothing was written.',
  })
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTDIR: 'lies in what is no folder',
  ENAMETOOLONG: 'is too long',
  ELOOP: 'is a link that leads to itself',
}

function problemOf(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? 'is a folder' : undefined
  } catch (error) {
    return PROBLEMS[errorCode(error)]
  }
}
