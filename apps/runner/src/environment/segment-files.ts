import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { SegmentFiles } from '@ctxlock/flight-recorder'

import { writeFileAtomically } from './files.ts'

/** Sealed ranges of the log, beside its tiles: a line for each event, as `grep` and `jq` read them. */
export function createSegmentFiles(stateFolder: string): SegmentFiles {
  const folder = join(stateFolder, 'log', 'segment')
  return {
    list: () => (existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.tmp')) : []),
    read(name) {
      const path = join(folder, name)
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined
    },
    write: (name, text) => writeFileAtomically(join(folder, name), text, 0o400),
    remove: (name) => rmSync(join(folder, name), { force: true }),
  }
}
