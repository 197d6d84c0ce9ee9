import { join } from 'node:path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { diskHint } from './disk-hint.ts'
import { entryAt } from './entry-at.ts'
import { NotReadable, readRegularFile } from './regular-file.ts'
import { errorCode } from './workspace-reader.ts'

const MAX_BYTES = 1_048_576

/**
 * The text of a `.gitignore` of the workspace, by its path; undefined where there is none. As in git a link is none: it may lead
 * out of the workspace, and what is a source would depend on the machine.
 *
 * Throws `IGNORE_FILE_UNREADABLE`: what the file leaves out may be what nobody is to see.
 */
export function ignoreFileText(root: string, path: string): string | undefined {
  const entry = entryAt(join(root, path))
  if (typeof entry === 'string' || !entry.isFile()) return undefined
  try {
    return readRegularFile(join(root, path), MAX_BYTES).toString('utf8')
  } catch (error) {
    if (diskHint(error) !== undefined) throw error
    throw new CommandError(
      {
        exit: EXIT_CODE.usage,
        code: 'IGNORE_FILE_UNREADABLE',
        message: `${path} could not be read: ${error instanceof NotReadable ? error.message : errorCode(error)}`,
        hint: 'It says which files nobody is to see, so nothing is done without it. Make it readable, and no larger than 1 MiB.',
      },
      { cause: error },
    )
  }
}
