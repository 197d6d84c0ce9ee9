import { seededRandom } from '../generated-files/random.ts'
import type { Fault } from './fault-shim.ts'
import type { Reference } from './faulted-stage.ts'
import { pathKind } from './place.ts'

export interface PlannedFault extends Fault {
  readonly reference: Reference
  /** Faults of one kind in calls that do the same with the same file in one stage. */
  readonly group: string
}

/** Every call of the stages, failing in each way it can. */
export function possibleFaults(references: readonly Reference[]): PlannedFault[] {
  return references.flatMap((reference) =>
    reference.undisturbed.calls.flatMap(({ number, name, path, kinds }) =>
      kinds.map((kind) => ({
        reference,
        number,
        kind,
        group: [reference.stage.name, kind, name, pathKind(path)].join(' '),
      })),
    ),
  )
}

/** So many of them as the seed draws: of each group one, before there is a second of any. */
export function drawnFaults(faults: readonly PlannedFault[], count: number, seed: number): PlannedFault[] {
  const random = seededRandom(seed)
  const shuffled = faults.map((fault) => ({ fault, order: random() })).toSorted((a, b) => a.order - b.order)
  const ofGroup = new Map<string, number>()
  const ranked = shuffled.map(({ fault }) => {
    const rank = ofGroup.get(fault.group) ?? 0
    ofGroup.set(fault.group, rank + 1)
    return { fault, rank }
  })
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ fault }) => fault)
}
