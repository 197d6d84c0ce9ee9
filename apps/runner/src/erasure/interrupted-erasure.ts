import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { writeFileAtomically } from '../environment/files.ts'

/** Stands in the state folder from before an order to erase is recorded until everything it names is gone from every file. */
const markerOf = (stateFolder: string) => join(stateFolder, 'erasing')

/** Says that an erasure is under way. What it returns ends it, unless another process began one meanwhile. */
export function beginErasure(stateFolder: string): string {
  const mark = randomUUID()
  writeFileAtomically(markerOf(stateFolder), mark, 0o600)
  return mark
}

/** True while an erasure is under way, or when the process that worked on one died. */
export function isErasureOpen(stateFolder: string): boolean {
  return existsSync(markerOf(stateFolder))
}

export function endErasure(stateFolder: string, mark: string): void {
  const marker = markerOf(stateFolder)
  if (existsSync(marker) && readFileSync(marker, 'utf8') === mark) rmSync(marker, { force: true })
}
