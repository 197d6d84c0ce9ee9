import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { writeFileAtomically } from '../environment/files.ts'

/** Stands in the state folder from before an order to erase is recorded until everything it names is gone from every file. */
const markerOf = (stateFolder: string) => join(stateFolder, 'erasing')

export function beginErasure(stateFolder: string): void {
  writeFileAtomically(markerOf(stateFolder), '', 0o600)
}

/** True while an erasure is under way, or when the process that worked on one died. */
export function isErasureOpen(stateFolder: string): boolean {
  return existsSync(markerOf(stateFolder))
}

export function endErasure(stateFolder: string): void {
  rmSync(markerOf(stateFolder), { force: true })
}
