import type { FileSystem } from './file-system.ts'

/** Opens files of one folder after the other. */
export interface FolderAtHand {
  /** A descriptor of `paths[index]`, if that is the file's own path, by no link; undefined where that takes another way to find out. */
  open(index: number, flags: number): number | undefined
  close(): void
}

const IS_LINUX = process.platform === 'linux'
/** Files of one folder that follow each other; for fewer, opening the folder takes longer than it saves. */
const FEWEST = 4
/** What opens a folder, whatever lies in it. */
const NO_FILE: ReadonlySet<string> = new Set(['', '.', '..'])

/**
 * Files that lie beside each other are opened through their folder, whose real path is asked for once. Node has no `openat`, but
 * `/proc/self/fd/<n>/<name>` is one: what is opened lies in that very folder, whatever anyone puts in its place meanwhile. So it is
 * for files that are looked at in one moment. `prefix` is the real path of the root, with a slash behind it.
 */
export function folderAtHand(files: FileSystem, prefix: string, paths: readonly string[]): FolderAtHand {
  let name: string | undefined
  let descriptor: number | undefined
  let place = ''
  return { open, close }

  function open(index: number, flags: number): number | undefined {
    const path = paths[index] ?? ''
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    if (folder !== name) change(folder, index)
    const file = path.slice(folder.length)
    if (descriptor === undefined || NO_FILE.has(file)) return undefined
    try {
      return files.openSync(place + file, flags | files.constants.O_NOFOLLOW)
    } catch {
      return undefined
    }
  }

  /** `folder` ends in a slash, but for that of the root, which is empty. */
  function change(folder: string, index: number): void {
    close()
    name = folder
    const later = paths[index + FEWEST - 1]
    if (!IS_LINUX || later?.startsWith(folder) !== true || later.includes('/', folder.length)) return
    try {
      descriptor = files.openSync(prefix + folder, files.constants.O_RDONLY | files.constants.O_DIRECTORY)
      place = `/proc/self/fd/${descriptor}/`
      if (`${files.readlinkSync(place.slice(0, -1))}/` !== prefix + folder) close()
    } catch {
      close()
    }
  }

  function close(): void {
    if (descriptor !== undefined) files.closeSync(descriptor)
    descriptor = undefined
  }
}
