import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a file is to hold, in one piece or in several. */
type FileContent = Uint8Array | string | readonly Uint8Array[]

let counter = 0

/**
 * Replaces a file as a whole: temporary file beside it, fsync, rename, fsync of the folder. A crash or a full disk at any
 * point leaves the earlier file as it was.
 */
export function writeFileAtomically(path: string, bytes: FileContent, mode = 0o644): void {
  replaceFile(path, bytes, mode)
  syncFolder(dirname(path))
}

/** The same without the folder's fsync: after a power cut it may be the earlier file once more. */
export function replaceFile(path: string, bytes: FileContent, mode = 0o644): void {
  counter += 1
  const temporary = `${path}.${process.pid}-${counter}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  try {
    const descriptor = openSync(temporary, 'wx', mode)
    try {
      for (const part of partsOf(bytes)) writeAll(descriptor, part)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function partsOf(content: FileContent): readonly Uint8Array[] {
  if (typeof content === 'string') return [Buffer.from(content)]
  return content instanceof Uint8Array ? [content] : content
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(descriptor, bytes, offset)
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder; its rename is durable on its own.
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
