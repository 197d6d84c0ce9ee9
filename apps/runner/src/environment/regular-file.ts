import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'

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
  return readFileIf(path, maxBytes, () => true)
}

/** The same for a file that nobody but its owner, who runs this process, could have written. */
export function readOwnFile(path: string, maxBytes: number): Buffer {
  return readFileIf(path, maxBytes, ({ uid, mode }) => {
    // Windows has neither of the two; there a folder of the person's is theirs by its access list.
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
  })
}

function readFileIf(path: string, maxBytes: number, isFit: (status: Stats) => boolean): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const status = fstatSync(descriptor)
    if (!status.isFile() || !isFit(status)) throw new NotReadable('ENOTFILE')
    if (status.size > maxBytes) throw new NotReadable('EFBIG')
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
