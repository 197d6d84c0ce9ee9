import { ArtifactError } from '@ctxlock/artifact-store'
import type { ErasureOrder } from '@ctxlock/flight-recorder'

import { allEvents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import { answersOnlyOf } from './answers-of-calls.ts'
import { idsOf, type ErasureScope } from './erasure-scope.ts'
import { hashesIn, hashesInTables, reachable } from './named-objects.ts'

type Recorded = Pick<Session, 'state' | 'artifacts' | 'calls'>

/**
 * The stored objects of these orders that nothing which stays leads to. Objects are named by their content: what an order took may
 * have been stored again since, by a run that needs it. An answer goes although the steps of its run, which stays, name it. `erased`
 * is the scope of all orders.
 */
export function unneededObjects(
  session: Recorded,
  orders: readonly ErasureOrder[],
  erased: ErasureScope,
): ReadonlySet<string> {
  const { state } = session
  const artifacts = tolerant(session.artifacts)
  const stored = orders.flatMap(({ seq, payload }) =>
    payload.objects.flatMap((hash) => (artifacts.has(hash) ? [{ hash, seq }] : [])),
  )
  if (stored.length === 0) return new Set()

  const names = lastNames(session, erased)
  const rows = hashesInTables(state.database, new Set(), idsOf(erased))
  const kept = reachable(artifacts, [...names.keys(), ...rows.others])
  const answers = answersOnlyOf({ ...session, artifacts }, erased.calls)
  const isNamedSince = (hash: string, seq: number) =>
    reachable(
      artifacts,
      [...names].flatMap(([name, at]) => (at > seq ? [name] : [])),
    ).has(hash)
  const unneeded = stored.filter(({ hash, seq }) => (answers.has(hash) ? !isNamedSince(hash, seq) : !kept.has(hash)))
  return new Set(unneeded.map(({ hash }) => hash))
}

/** An object that somebody changed leads nowhere: an order that stands is carried out all the same, and `verify` names the object. */
function tolerant(artifacts: Session['artifacts']): Session['artifacts'] {
  return {
    ...artifacts,
    get(hash) {
      try {
        return artifacts.get(hash)
      } catch (error) {
        if (error instanceof ArtifactError && error.code === 'ARTIFACT_HASH_MISMATCH') return new Uint8Array()
        throw error
      }
    },
  }
}

/** The last position at which an event that stays names each hash. What says that objects were erased needs none of them. */
function lastNames(log: Pick<Session, 'state'>, erased: ErasureScope): ReadonlyMap<string, number> {
  const names = new Map<string, number>()
  for (const event of allEvents(log, {})) {
    if (event.type === 'erasure_ordered' || event.type === 'meta.gc_summary' || erased.holds(event)) continue
    for (const hash of hashesIn(JSON.stringify(event.payload)))
      names.set(hash, Math.max(names.get(hash) ?? 0, event.seq))
  }
  return names
}
