import { closeSync, constants, openSync, readlinkSync } from 'node:fs'

/** Opens files of one folder after the other. */
export interface FolderAtHand {
  /** A descriptor of the file that has this very path, by no link; undefined where that takes another way to find out. */
  open(path: string, flags: number): number | undefined
  close(): void
}

const IS_LINUX = process.platform === 'linux'

/**
 * Files that lie beside each other are opened through their folder, whose real path is asked for once. Node has no `openat`, but
 * `/proc/self/fd/<n>/<name>` is one: what is opened lies in that very folder, whatever anyone puts in its place meanwhile. So it is
 * for files that are looked at in one moment. `prefix` is the real path of the root, with a slash behind it.
 */
export function folderAtHand(prefix: string): FolderAtHand {
  let name: string | undefined
  let descriptor: number | undefined
  let place = ''
  return { open, close }

  function open(path: string, flags: number): number | undefined {
    const end = path.lastIndexOf('/') + 1
    if (end !== name?.length || !path.startsWith(name)) change(path.slice(0, end))
    if (descriptor === undefined) return undefined
    try {
      return openSync(place + path.slice(end), flags | constants.O_NOFOLLOW)
    } catch {
      return undefined
    }
  }

  /** `folder` ends in a slash, but for that of the root, which is empty. */
  function change(folder: string): void {
    close()
    name = folder
    if (!IS_LINUX) return
    try {
      descriptor = openSync(prefix + folder, constants.O_RDONLY | constants.O_DIRECTORY)
      place = `/proc/self/fd/${descriptor}/`
      if (`${readlinkSync(place.slice(0, -1))}/` !== prefix + folder) close()
    } catch {
      close()
    }
  }

  function close(): void {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
}
