import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Thrown by `readRegularFile`; `code` is `ENOTFILE` or `EFBIG`. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable'
  readonly code: 'ENOTFILE' | 'EFBIG'

  constructor(code: 'ENOTFILE' | 'EFBIG') {
    super(code === 'ENOTFILE' ? 'it is no regular file' : 'it is too large')
    this.code = code
  }
}

/** The bytes of a regular file. Opened without blocking: a FIFO in the tree must not hang a command. */
export function readRegularFile(path: string, maxBytes: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const status = fstatSync(descriptor)
    if (!status.isFile()) throw new NotReadable('ENOTFILE')
    if (status.size > maxBytes) throw new NotReadable('EFBIG')
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
