import { lstatSync, type Stats } from 'node:fs'

import { errorCode } from './workspace-reader.ts'

/** No such name: nor can there be one below a file or a loop of links, or one that is too long for the system. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])
const CLOSED: ReadonlySet<string> = new Set(['EACCES', 'EPERM'])

/** What stands at a path, a link as itself; `closed` when a folder on the way is closed to this person (FG-008). */
export function entryAt(path: string): Stats | 'missing' | 'closed' {
  try {
    return lstatSync(path)
  } catch (error) {
    const code = errorCode(error)
    if (MISSING.has(code)) return 'missing'
    if (CLOSED.has(code)) return 'closed'
    throw error
  }
}
