// Every call of a standard scenario on a file fails once, in each way it can: what was acknowledged must be there, and the next
// start must continue or say what to do.
import { parseArgs } from 'node:util'

import {
  acknowledgedBy,
  faultedStage,
  loggedEvents,
  type FaultOutcome,
  type Reference,
} from './io-faults/faulted-stage.ts'
import { compileShim, FAULT_KINDS, type FaultKind } from './io-faults/fault-shim.ts'
import { drawnFaults, possibleFaults, type PlannedFault } from './io-faults/planned-faults.ts'
import { openPlace, readIn, type Place } from './io-faults/place.ts'
import { STAGES, type Stage } from './io-faults/stages.ts'

export const name = 'io-faults'

interface KindReport {
  readonly faults: number
  /** The process came to its right end all the same. */
  readonly unnoticed: number
  /** It said what is wrong and what to do. */
  readonly refused: number
  /** The next start said what to do; all others continued. */
  readonly next_says_what_to_do: number
}

export interface Result {
  readonly seed: number
  /** Calls on files in the scenario without faults, and how many faults that allows. */
  readonly calls: number
  readonly possible_faults: number
  readonly faults: number
  /** Faults for which the process made no such call this time. */
  readonly missed: number
  readonly acknowledged_events_looked_for: number
  readonly by_kind: Readonly<Partial<Record<FaultKind, KindReport>>>
  /** The bar is none. */
  readonly problems: readonly string[]
}

/**
 * `--count N` faults (300) as `--seed N` (1) draws them, or `--all`; `--stage NAME`, `--kind NAME` for only these.
 * `--messages` prints what the processes said.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string', default: '300' },
      all: { type: 'boolean', default: false },
      stage: { type: 'string' },
      kind: { type: 'string' },
      seed: { type: 'string', default: '1' },
      messages: { type: 'boolean', default: false },
    },
  })
  const [count, seed] = [values.all ? Infinity : Number(values.count), Number(values.seed)]
  if (!(count >= 1) || !Number.isSafeInteger(seed))
    throw new Error('Expected --count and --seed as whole numbers from 1 up.')

  using place = openPlace()
  const shim = compileShim(place.parent)
  if ('missing' in shim) throw new Error(`No fault can be put in: ${shim.missing}.`)
  const last =
    values.stage === undefined ? STAGES.length - 1 : STAGES.findIndex(({ name: stage }) => stage === values.stage)
  if (last < 0) throw new Error(`Expected --stage as one of ${STAGES.map(({ name: stage }) => stage).join(', ')}.`)
  const references = undisturbed(place, shim.path, STAGES.slice(0, last + 1))
  const wanted = values.stage === undefined ? references : references.slice(-1)
  const possible = possibleFaults(wanted)
  const ofKind = possible.filter(({ kind }) => values.kind === undefined || kind === values.kind)
  const planned = drawnFaults(ofKind, count, seed)
  const played: Played[] = []
  for (const fault of planned) {
    const outcome = faultedStage(place, fault.reference, shim.path, fault)
    played.push({ fault, outcome })
    for (const line of linesOf(fault, outcome, values.messages)) console.log(line)
  }
  return {
    seed,
    calls: wanted.reduce((sum, { undisturbed: { calls } }) => sum + calls.length, 0),
    possible_faults: possible.length,
    faults: played.length,
    missed: played.filter(({ outcome }) => outcome.hit === undefined).length,
    acknowledged_events_looked_for: played.reduce((sum, { outcome }) => sum + outcome.acknowledged, 0),
    by_kind: Object.fromEntries(
      FAULT_KINDS.map((kind) => [kind, reportOf(played.filter(({ fault }) => fault.kind === kind))]),
    ),
    problems: played.flatMap(({ fault, outcome }) =>
      outcome.problems.map((problem) => `${nameOf(fault, outcome)}: ${problem}`),
    ),
  }
}

interface Played {
  readonly fault: PlannedFault
  readonly outcome: FaultOutcome
}

/** Each stage once without a fault, saved where it begins. */
function undisturbed(place: Place, shim: string, stages: readonly Stage[]): Reference[] {
  return stages.map((stage) => {
    place.save(stage.name)
    const before = loggedEvents(place.workspace)
    const played = place.play(stage, shim)
    if (played.code !== 0) throw new Error(`Expected ${stage.name} to end well without a fault, got: ${played.stderr}`)
    if (stage.name === 'append' && acknowledgedBy(played).length === 0)
      throw new Error('Expected events to be acknowledged.')
    return {
      stage,
      before,
      undisturbed: played,
      lockfile: readIn(place.workspace, 'ctxlock.lock'),
    }
  })
}

function reportOf(played: readonly Played[]): KindReport {
  const count = (is: (outcome: FaultOutcome) => boolean) => played.filter(({ outcome }) => is(outcome)).length
  return {
    faults: played.length,
    unnoticed: count(({ process }) => process === 'unnoticed'),
    refused: count(({ process }) => process === 'refused'),
    next_says_what_to_do: count(({ next }) => next === 'says what to do'),
  }
}

function nameOf({ reference, number, kind }: PlannedFault, { hit }: FaultOutcome): string {
  return `${reference.stage.name} ${kind} at ${number} (${hit ?? 'not met'})`
}

function linesOf(fault: PlannedFault, outcome: FaultOutcome, withMessages: boolean): string[] {
  return [
    `${nameOf(fault, outcome)}: ${outcome.process}, next ${outcome.next}`,
    ...(withMessages ? outcome.messages.map((message) => `    ${message.replaceAll('\n', '\n    ')}`) : []),
    ...outcome.problems.map((problem) => `    PROBLEM ${problem}`),
  ]
}
