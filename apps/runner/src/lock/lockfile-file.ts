import { join } from 'node:path'

import { formatLockfile, parseLockfile, PackError } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { readRegularFile } from '../environment/regular-file.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'

export const LOCKFILE = 'ctxlock.lock'

const MAX_BYTES = 256 * 1024 * 1024

/** Reads `ctxlock.lock`. A damaged or hand-merged one is stale, never half-accepted. */
export function readLockfile(root: string): Lockfile {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readRegularFile(join(root, LOCKFILE), MAX_BYTES))
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT'
    throw new CommandError(
      {
        exit: missing ? EXIT_CODE.usage : EXIT_CODE.stale,
        code: missing ? 'LOCK_MISSING' : 'LOCK_INVALID',
        message: missing
          ? `there is no ${LOCKFILE} in ${root}`
          : `${LOCKFILE} could not be read as a file of UTF-8 text`,
        hint: 'Run `ctxlock lock` to build it.',
      },
      { cause: error },
    )
  }
  try {
    return parseLockfile(text)
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    throw new CommandError(
      {
        exit: EXIT_CODE.stale,
        code: error.code,
        message: error.message,
        hint: 'Run `ctxlock lock` to build it anew; do not merge it by hand.',
      },
      { cause: error },
    )
  }
}

/** Replaces `ctxlock.lock` as a whole. */
export function writeLockfile(root: string, lockfile: Lockfile): void {
  writeFileAtomically(join(root, LOCKFILE), formatLockfile(lockfile))
}
