import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { type InjectionWaiver, WaiverFile } from '@ctxlock/contracts/waivers'

import { writeFileAtomically } from '../environment/files.ts'
import { WAIVERS_FILE } from '../workspace/committed-files.ts'
import { readWrittenFile } from '../workspace/written-file.ts'

/** The waivers that are committed with the sources; whether one of them holds is another question. */
export function readWaivers(root: string): readonly InjectionWaiver[] {
  const file = readWrittenFile(join(root, WAIVERS_FILE), {
    schema: WaiverFile,
    what: 'the waiver file',
    code: 'WAIVERS_INVALID',
    hint: 'Restore it from git, or remove the waiver and make it again with `ctxlock waive`.',
  })
  return file?.waivers ?? []
}

export function hasWaivers(root: string): boolean {
  return existsSync(join(root, WAIVERS_FILE))
}

/** One waiver a path, in the order of paths; a newer one takes the place of the older. */
export function addWaiver(root: string, waiver: InjectionWaiver): void {
  const others = readWaivers(root).filter(({ path }) => path !== waiver.path)
  const waivers = [...others, waiver].toSorted((left, right) => (left.path < right.path ? -1 : 1))
  const file = WaiverFile.parse({ schema_version: 'ctxlock.waivers@1', waivers })
  writeFileAtomically(join(root, WAIVERS_FILE), `${JSON.stringify(file, null, 2)}\n`)
}
