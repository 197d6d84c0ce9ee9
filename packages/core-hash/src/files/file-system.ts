/** What hashing needs of `node:fs`; the module itself fits. A core package opens no file on its own. */
export interface FileSystem {
  readonly constants: Readonly<Record<'O_RDONLY' | 'O_NONBLOCK' | 'O_NOFOLLOW' | 'O_DIRECTORY', number>>
  openSync(path: string, flags: number): number
  fstatSync(descriptor: number): FileStatus
  /** Up to `length` bytes from where the last read ended; 0 at the end. */
  readSync(descriptor: number, buffer: Uint8Array, offset: number, length: number, position: null): number
  closeSync(descriptor: number): void
  readlinkSync(path: string): string
  realpathSync(path: string): string
}

export interface FileStatus {
  isFile(): boolean
  readonly mode: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
}
