import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'

import { errorCode } from '../environment/workspace-reader.ts'
import { inFolderOf, NotPlain } from './held-folder.ts'

export interface PlainFile {
  readonly bytes: Uint8Array
  /** Permission bits. */
  readonly mode: number
  /** How many names this file has; another one keeps the old bytes when this one is replaced. */
  readonly names: number
}

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
export const MAX_FILE_BYTES = 4 * 1024 * 1024

/** A regular file below `root`, reached through plain folders only; undefined when there is none. Throws `NotPlain`. */
export function readPlainFile(root: string, path: string): PlainFile | undefined {
  return inFolderOf(root, path, { makeFolders: false }, readAt)
}

/** The same at a place that `inFolderOf` gave. */
export function readAt(place: string): PlainFile | undefined {
  let descriptor: number
  try {
    descriptor = openSync(place, READ)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    if (['ELOOP', 'ENXIO'].includes(errorCode(error))) throw noFile()
    throw error
  }
  try {
    const { mode, nlink, size } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw noFile()
    if (size > MAX_FILE_BYTES) throw new NotPlain('PATH_NOT_PLAIN', `it has more than ${MAX_FILE_BYTES} bytes`)
    return { bytes: readFileSync(descriptor), mode: mode & 0o777, names: nlink }
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Puts a new file in the place of an old one below `root`. A link there is replaced, never followed, and other names of the old file
 * keep the old bytes. Only for folders that are filled anew after a crash. Throws `NotPlain`.
 */
export function replacePlainFile(root: string, path: string, bytes: Uint8Array, mode: number): void {
  inFolderOf(root, path, { makeFolders: true }, (place) => writeNew(place, bytes, mode))
}

/**
 * Makes a file below `root` hold these bytes, in the same way; one that does already, and has no other name by which it may be written to,
 * stays. Its mode is kept. Throws `NotPlain`.
 */
export function updatePlainFile(root: string, path: string, bytes: Uint8Array, modeOfNew: number): void {
  inFolderOf(root, path, { makeFolders: true }, (place) => {
    const file = readAt(place)
    if (file?.names !== 1 || !Buffer.from(file.bytes).equals(bytes)) writeNew(place, bytes, file?.mode ?? modeOfNew)
  })
}

/** Writes a new file, durably. One that an interrupted attempt left under this name is removed first. */
export function stageAt(place: string, bytes: Uint8Array, mode: number): void {
  writeNew(place, bytes, mode, fsyncSync)
}

function writeNew(place: string, bytes: Uint8Array, mode: number, finish?: (descriptor: number) => void): void {
  removeIfThere(place)
  const descriptor = openSync(place, CREATE, 0o600)
  try {
    writeFileSync(descriptor, bytes)
    fchmodSync(descriptor, mode)
    finish?.(descriptor)
  } catch (error) {
    removeIfThere(place)
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function removeIfThere(place: string): void {
  try {
    unlinkSync(place)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

function noFile(): NotPlain {
  return new NotPlain('PATH_NOT_PLAIN', 'it is a link, a folder or a device')
}
