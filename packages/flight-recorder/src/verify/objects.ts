import type { ArtifactStore } from '@ctxlock/contracts/ports'

import type { ObjectReport } from './report.ts'

/** What verify needs of an object store: `get` throws an error whose `code` is ARTIFACT_MISSING or ARTIFACT_HASH_MISMATCH. */
export interface VerifiableObjects extends Pick<ArtifactStore, 'get'> {
  list(): Iterable<{ readonly content_hash: string }>
}

/** The last position of the log at which an object is named. */
export type LastNamed = ReadonlyMap<string, number>

/**
 * Reads every object an event names, and every other one that is stored: an object may be named only by another object.
 * One that is gone is counted apart if an order says so that no event behind it contradicts: whoever names an object after it was
 * erased stored it again. Throws what the store throws when it could not look.
 */
export function checkObjects(objects: VerifiableObjects, referenced: LastNamed, ordered: LastNamed): ObjectReport {
  const hashes = new Set(referenced.keys())
  for (const { content_hash } of objects.list()) hashes.add(content_hash)

  const missing: string[] = []
  const edited: string[] = []
  let erased = 0
  for (const hash of [...hashes].sort()) {
    const state = stateOf(objects, hash)
    if (state === 'missing' && (referenced.get(hash) ?? 0) < (ordered.get(hash) ?? 0)) erased += 1
    else if (state === 'missing') missing.push(hash)
    else if (state === 'edited') edited.push(hash)
  }
  return { checked: hashes.size - erased, missing, edited, erased }
}

function stateOf(objects: VerifiableObjects, hash: string): 'whole' | 'missing' | 'edited' {
  try {
    objects.get(hash)
    return 'whole'
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
    if (code === 'ARTIFACT_MISSING') return 'missing'
    if (code === 'ARTIFACT_HASH_MISMATCH') return 'edited'
    throw error
  }
}
