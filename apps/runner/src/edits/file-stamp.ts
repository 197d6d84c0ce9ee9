import { lstatSync } from 'node:fs'

/**
 * Changes whenever a file, a link or the list of names in a folder does; undefined when nothing is there. Nobody without special
 * rights can set the time of an inode's last change.
 */
export function stampOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return status && `${status.dev}:${status.ino}:${status.size}:${status.mode}:${status.ctimeNs}:${status.mtimeNs}`
}
