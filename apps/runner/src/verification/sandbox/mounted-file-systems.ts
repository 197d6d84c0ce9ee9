export interface MountedAt {
  readonly path: string
  /** Flags such as `rw,nosuid,relatime`. A namespace may tighten them and never drop one. */
  readonly flags: string
}

/**
 * The mounts of a `/proc/self/mountinfo` that a path leads to, each place once, outer ones first. What lies below a place over which
 * something else was mounted later is still listed there, and nobody can name it any more.
 */
export function mountedFileSystems(mountinfo: string): MountedAt[] {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [id = '', parent = '', , , path = '', flags = ''] = line.split(' ')
    return path === '' ? [] : [{ id, parent, path: plain(path), flags }]
  })
  const byId = new Map(mounts.map((mount) => [mount.id, mount]))
  const isCovered = ({ id, parent, path }: (typeof mounts)[number]): boolean => {
    if (mounts.some((other) => other.parent === parent && other.id !== id && isBelow(path, other.path))) return true
    const holder = byId.get(parent)
    return holder !== undefined && holder.id !== id && isCovered(holder)
  }
  const byPath = new Map(mounts.filter((mount) => !isCovered(mount)).map(({ path, flags }) => [path, { path, flags }]))
  return [...byPath.values()].sort((left, right) => left.path.length - right.path.length)
}

function isBelow(path: string, folder: string): boolean {
  return folder !== '/' && path.startsWith(`${folder}/`)
}

/** Blanks, tabs, line ends and backslashes stand there as octal numbers. */
function plain(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
