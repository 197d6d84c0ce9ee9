// One field of a recorded call is altered past every hash of the store: the replay has to miss, and to name that field.
import { parseArgs } from 'node:util'

import { replayRecordings } from '../../../apps/runner/src/replay/replay-run.ts'
import { seededRandom } from './generated-files/random.ts'
import { mutationsOf, type Mutation } from './replay/mutations.ts'
import { recordedWorkspace, type RecordedWorkspace } from './replay/recorded-workspace.ts'

interface Result {
  readonly seed: number
  /** Fields there are, and how many of them are made again from the rest. */
  readonly fields: number
  readonly made_again: number
  readonly mutations: number
  readonly misses: number
  /** Misses that name exactly the field; the bar is all of them. */
  readonly named: number
  readonly wrongly_named: readonly { readonly field: string; readonly named: string }[]
  /** Fields that follow from nothing, such as a time: the hash of their record is what differs. */
  readonly others: { readonly mutations: number; readonly misses: number }
}

/** `--mutations N` (100) of fields that are made again, as many of the others at most, and `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<Result> {
  const options = { mutations: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [count, seed] = [Number(values.mutations ?? 100), Number(values.seed ?? 1)]
  if (!(Number.isSafeInteger(count) && count > 0)) throw new Error('Expected --mutations N of at least 1.')
  const workspace = await recordedWorkspace()
  try {
    const [recorded] = workspace.recordings
    if (!recorded) throw new Error('Expected a recorded call.')
    const before = await firstField(workspace, recorded)
    if (before !== null) throw new Error(`Expected the recording to replay as it is; ${before} differs.`)
    const all = mutationsOf(recorded)
    const random = seededRandom(seed)
    const drawn = (mutations: readonly Mutation[]) =>
      mutations
        .map((mutation) => ({ mutation, place: random() }))
        .toSorted((left, right) => left.place - right.place)
        .slice(0, count)
    const madeAgain = all.filter(({ isMadeAgain }) => isMadeAgain)
    const named = await Promise.all(drawn(madeAgain).map(({ mutation }) => outcome(workspace, mutation)))
    const others = await Promise.all(
      drawn(all.filter(({ isMadeAgain }) => !isMadeAgain)).map(({ mutation }) => outcome(workspace, mutation)),
    )
    return {
      seed,
      fields: all.length,
      made_again: madeAgain.length,
      mutations: named.length,
      misses: named.filter(({ found }) => found !== null).length,
      named: named.filter(({ field, found }) => field === found).length,
      wrongly_named: named.flatMap(({ field, found }) =>
        field === found ? [] : [{ field, named: found ?? 'nothing' }],
      ),
      others: { mutations: others.length, misses: others.filter(({ found }) => found !== null).length },
    }
  } finally {
    workspace.close()
  }
}

async function outcome(workspace: RecordedWorkspace, { field, mutated }: Mutation) {
  return { field, found: await firstField(workspace, mutated) }
}

/** The field the replay names, `nothing` for a miss without one, null when it takes the recording for the same. */
async function firstField(
  { session, stored, request }: RecordedWorkspace,
  recorded: RecordedWorkspace['recordings'][number],
) {
  const { calls } = await replayRecordings(session, stored, request, [recorded])
  const [call] = calls
  if (call?.status === 'same') return null
  return call?.status === 'miss' ? (call.first?.field ?? 'nothing') : 'source_missing'
}
