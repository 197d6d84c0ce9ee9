import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { openStoredSession, type StoredSession } from '../../../../apps/runner/src/session/stored-session.ts'
import { ArtifactError, type StoredObject } from '../../../../packages/artifact-store/src/index.ts'
import { verifyLog } from '../../../../packages/flight-recorder/src/index.ts'
import type { Random } from '../generated-files/random.ts'
import { damagedBytes } from './damage.ts'

export interface ObjectsTally {
  readonly objects: number
  readonly damages: number
  /** Reading refused with the name of the object, and verification listed it. */
  readonly refused: number
  /** The bar is 0. */
  readonly wrong: number
}

/** Damages every object of a state `count` times in every way, one at a time, and puts it right again. */
export function damageObjects(root: string, count: number, random: Random): ObjectsTally {
  const session = openStoredSession(root, process.env)
  try {
    const stored = [...session.artifacts.list()]
    const tally = { objects: stored.length, damages: 0, refused: 0, wrong: 0 }
    for (const object of Array.from({ length: count }, () => stored).flat()) {
      const place = placeOf(session, object)
      const whole = place.read()
      for (const { what, bytes } of damagedBytes(whole, random)) {
        place.write(bytes)
        const problem = problemOf(session, object.content_hash)
        tally.damages += 1
        if (problem === undefined) tally.refused += 1
        else {
          tally.wrong += 1
          console.log(`wrong: ${what} of object ${object.content_hash} (${object.place}): ${problem}`)
        }
      }
      place.write(whole)
    }
    return tally
  } finally {
    session.close()
  }
}

/** What is wrong with how a damaged object is told. */
function problemOf({ artifacts, state }: StoredSession, hash: string): string | undefined {
  try {
    artifacts.get(hash)
    return 'it was read'
  } catch (error) {
    if (!(error instanceof ArtifactError) || error.code !== 'ARTIFACT_HASH_MISMATCH')
      return `not refused but: ${String(error)}`
    if (!error.message.includes(hash.slice(0, 12))) return 'refused without its name'
  }
  const { verdict, objects } = verifyLog({ database: state.database, objects: artifacts })
  return verdict === 'broken' && objects?.edited.join() === hash ? undefined : 'verify does not name it, and only it'
}

interface Place {
  read(): Buffer
  write(bytes: Uint8Array): void
}

function placeOf({ state }: StoredSession, { content_hash: hash, place }: StoredObject): Place {
  if (place === 'file') {
    const path = join(state.folder, 'objects', hash.slice(0, 2), hash.slice(2))
    return { read: () => readFileSync(path), write: (bytes) => writeFileSync(path, bytes) }
  }
  const select = state.database.prepare('SELECT bytes FROM artifact_object WHERE content_hash = ?')
  const update = state.database.prepare('UPDATE artifact_object SET bytes = ? WHERE content_hash = ?')
  return {
    read() {
      const bytes = select.get(hash)?.['bytes']
      if (bytes instanceof Uint8Array) return Buffer.from(bytes)
      throw new Error(`Expected the bytes of ${hash} in the database.`)
    },
    write: (bytes) => void update.run(bytes, hash),
  }
}
