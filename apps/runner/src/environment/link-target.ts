import { readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/** Where a link leads in the end. */
export interface LinkTarget {
  readonly kind: 'file' | 'folder' | 'missing'
  /** Its path in the workspace; undefined when it is outside. */
  readonly inside: string | undefined
}

const MOST_HOPS = 40

/**
 * Follows a link of the workspace. What it names counts also when nothing is there: a clone does not have what is ignored here,
 * and has to list the same (decisions/0008).
 */
export function linkTarget(root: string, path: string): LinkTarget {
  const link = join(root, path)
  try {
    const target = realpathSync(link)
    return { kind: statSync(link).isDirectory() ? 'folder' : 'file', inside: pathInside(root, target) }
  } catch {
    return { kind: 'missing', inside: pathInside(root, namedTarget(link, MOST_HOPS)) }
  }
}

function namedTarget(link: string, hops: number): string {
  try {
    return hops === 0 ? link : namedTarget(resolve(dirname(link), readlinkSync(link)), hops - 1)
  } catch {
    return link
  }
}

function pathInside(root: string, target: string): string | undefined {
  return target.startsWith(root + sep) ? target.slice(root.length + 1).replaceAll(sep, '/') : undefined
}
