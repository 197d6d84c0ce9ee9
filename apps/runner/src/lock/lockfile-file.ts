import { createHash } from 'node:crypto'
import { existsSync, lstatSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { lockfileLines, parseLockfile, PackError } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'
import { bytesHash, type Hash } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { NotReadable, readRegularFile } from '../environment/regular-file.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { LOCKFILE } from '../workspace/committed-files.ts'

const MAX_BYTES = 256 * 1024 * 1024
/** UTF-16 units. */
const PART_LENGTH = 256 * 1024

/** Reads `ctxlock.lock`. A damaged or hand-merged one is stale, never half-accepted. */
export function readLockfile(root: string): Lockfile {
  return readLockfileFile(join(root, LOCKFILE), LOCKFILE, `there is no ${LOCKFILE} in ${root}`)
}

/** The same for a lockfile that is named on the command line. */
export function readLockfileAt(name: string): Lockfile {
  return readLockfileFile(resolve(name), name, `there is no ${name}`)
}

/** The lockfile, or undefined when there is none; a damaged one throws. */
export function lockfileIfThere(root: string): Lockfile | undefined {
  return existsSync(join(root, LOCKFILE)) ? readLockfile(root) : undefined
}

function readLockfileFile(path: string, name: string, missing: string): Lockfile {
  try {
    return decodeLockfile(readRegularFile(path, MAX_BYTES), name)
  } catch (error) {
    if (error instanceof CommandError) throw error
    if (errorCode(error) !== 'ENOENT') throw invalid(error, name, `${name} could not be read: ${whyNot(error)}`)
    const hint = 'Run `ctxlock lock` to build it.'
    throw new CommandError({ exit: EXIT_CODE.usage, code: 'LOCK_MISSING', message: missing, hint }, { cause: error })
  }
}

function whyNot(error: unknown): string {
  return error instanceof NotReadable ? error.message : errorCode(error)
}

/** The lockfile these bytes are; `name` is what messages call it. */
export function decodeLockfile(bytes: Uint8Array, name: string = LOCKFILE): Lockfile {
  try {
    // A byte-order mark stays, so that it is found.
    return parseLockfile(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    if (error instanceof TypeError) throw invalid(error, name, `${name} is not UTF-8 text`)
    // The message begins with the name a lockfile has by itself.
    if (error instanceof PackError)
      throw invalid(
        error,
        name,
        error.message.replace(LOCKFILE, () => name),
      )
    throw error
  }
}

function invalid(cause: unknown, name: string, message: string): CommandError {
  return new CommandError(
    {
      exit: EXIT_CODE.stale,
      code: cause instanceof PackError ? cause.code : 'LOCK_INVALID',
      message,
      hint:
        name === LOCKFILE
          ? 'Do not edit or merge it by hand: `ctxlock lock` writes it.'
          : 'Give a lockfile as `ctxlock lock` wrote it.',
    },
    { cause },
  )
}

/** False only where no task can be stated: most lockfiles state none, and reading one as a whole takes a while. Throws when there is none. */
export function lockfileStatesTasks(root: string): boolean {
  return !readRegularFile(join(root, LOCKFILE), MAX_BYTES).includes('\n  "tasks": [],\n')
}

/**
 * Replaces `ctxlock.lock` as a whole; one that says the same already stays, without waiting for the disk. Returns the hash of the
 * file's bytes.
 */
export function writeLockfile(root: string, lockfile: Lockfile): Hash {
  const path = join(root, LOCKFILE)
  const parts = encodedParts(lockfileLines(lockfile))
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  const hash = digest.digest('hex')
  const size = parts.reduce((sum, { length }) => sum + length, 0)
  if (!isFileOf(path, size, hash)) writeFileAtomically(path, parts)
  return hash
}

/** In pieces: of 100,000 sources all lines are 20 MB as strings, as many joined, and as many as bytes. */
function encodedParts(lines: Iterable<string>): Uint8Array[] {
  const parts: Uint8Array[] = []
  let waiting = ''
  for (const line of lines) {
    waiting += line
    if (waiting.length < PART_LENGTH) continue
    parts.push(Buffer.from(waiting))
    waiting = ''
  }
  return [...parts, Buffer.from(waiting)]
}

function isFileOf(path: string, size: number, hash: Hash): boolean {
  try {
    return !lstatSync(path).isSymbolicLink() && bytesHash(readRegularFile(path, size)) === hash
  } catch {
    return false
  }
}
