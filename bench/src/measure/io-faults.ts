// Every call of a standard scenario on a file fails once, in each way it can: what was acknowledged must be there, and the next
// start must continue or say what to do.
import { parseArgs } from 'node:util'

import { rmSync } from 'node:fs'

import { faultedStage, undisturbedStage, type FaultOutcome, type Reference } from './io-faults/faulted-stage.ts'
import { compileShim, FAULT_KINDS, type FaultKind } from './io-faults/fault-shim.ts'
import { drawnFaults, possibleFaults, type PlannedFault } from './io-faults/planned-faults.ts'
import { freshFolder, openPlace, type Place } from './io-faults/place.ts'
import { openProgress } from './io-faults/progress-file.ts'
import { SCENARIOS, type Stage } from './io-faults/stages.ts'

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
  readonly scenario: string
  readonly seed: number
  /** Calls on files in the scenario without faults, and how many faults that allows. */
  readonly calls: number
  readonly possible_faults: number
  /** Calls that only a process makes which has played nothing yet; they are not made to fail. */
  readonly calls_of_new_processes_only: number
  readonly faults: number
  /** Faults for which the process made no such call this time. */
  readonly missed: number
  /** Faults that were judged once more, in new processes. */
  readonly judged_again: number
  /** That were started for it; one plays many faults. */
  readonly processes: number
  readonly acknowledged_events_looked_for: number
  readonly by_kind: Readonly<Partial<Record<FaultKind, KindReport>>>
  /** The bar is none. */
  readonly problems: readonly string[]
}

/**
 * `--scenario NAME` (compact, or run); `--count N` faults (300) as `--seed N` (1) draws them, or `--all`; `--stage NAME`, `--kind NAME`
 * for only these. `--progress FILE` keeps the outcomes, and goes on with those it holds. `--messages` prints what the processes said.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', default: 'compact' },
      count: { type: 'string', default: '300' },
      all: { type: 'boolean', default: false },
      stage: { type: 'string' },
      kind: { type: 'string' },
      seed: { type: 'string', default: '1' },
      progress: { type: 'string' },
      messages: { type: 'boolean', default: false },
    },
  })
  const [count, seed] = [values.all ? Infinity : Number(values.count), Number(values.seed)]
  if (!(count >= 1) || !Number.isSafeInteger(seed))
    throw new Error('Expected --count and --seed as whole numbers from 1 up.')
  const scenario = named(SCENARIOS, values.scenario)
  const last =
    values.stage === undefined
      ? scenario.stages.length
      : 1 + scenario.stages.findIndex((stage) => stage.name === values.stage)
  if (last === 0)
    throw new Error(`Expected --stage as one of ${scenario.stages.map((stage) => stage.name).join(', ')}.`)

  const folder = freshFolder()
  const shim = compileShim(folder)
  if ('missing' in shim) {
    rmSync(folder, { recursive: true })
    throw new Error(`No fault can be put in: ${shim.missing}.`)
  }
  using place = openPlace(folder, shim, scenario.files)
  const references = await undisturbed(place, scenario.stages.slice(0, last))
  const wanted = values.stage === undefined ? references : references.slice(-1)
  const possible = possibleFaults(wanted)
  const ofKind = possible.filter(({ kind }) => values.kind === undefined || kind === values.kind)
  const progress = openProgress(values.progress, `${possible.length} faults of ${values.scenario}`)
  const played: Played[] = []
  for (const fault of drawnFaults(ofKind, count, seed)) {
    const known = progress.outcomes.get(keyOf(fault))
    const outcome = known ?? (await faultedStage(place, fault.reference, fault))
    played.push({ fault, outcome })
    if (known) continue
    progress.add(keyOf(fault), outcome)
    for (const line of linesOf(fault, outcome, values.messages)) console.log(line)
  }
  return {
    scenario: values.scenario,
    seed,
    calls: wanted.reduce((sum, { undisturbed: { calls } }) => sum + calls.length, 0),
    possible_faults: possible.length,
    calls_of_new_processes_only: wanted.reduce((sum, { firstOnly }) => sum + firstOnly, 0),
    faults: played.length,
    missed: played.filter(({ outcome }) => outcome.hit === undefined).length,
    judged_again: played.filter(({ outcome }) => outcome.judgedAgain).length,
    processes: place.processes(),
    acknowledged_events_looked_for: played.reduce((sum, { outcome }) => sum + outcome.acknowledged, 0),
    by_kind: Object.fromEntries(
      FAULT_KINDS.map((kind) => [kind, reportOf(played.filter(({ fault }) => fault.kind === kind))]),
    ),
    problems: played.flatMap(({ fault, outcome }) =>
      outcome.problems.map((problem) => `${nameOf(fault, outcome)}: ${problem}`),
    ),
  }
}

function named<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value === undefined) throw new Error(`Expected --scenario as one of ${Object.keys(values).join(', ')}.`)
  return value
}

interface Played {
  readonly fault: PlannedFault
  readonly outcome: FaultOutcome
}

/** Each stage where the one before it ended. */
async function undisturbed(place: Place, stages: readonly Stage[]): Promise<Reference[]> {
  const references: Reference[] = []
  for (const stage of stages) references.push(await undisturbedStage(place, stage))
  return references
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

function keyOf({ reference, number, kind }: PlannedFault): string {
  return `${reference.stage.name} ${kind} at ${number}`
}

function nameOf(fault: PlannedFault, { hit }: FaultOutcome): string {
  return `${keyOf(fault)} (${hit ?? 'not met'})`
}

function linesOf(fault: PlannedFault, outcome: FaultOutcome, withMessages: boolean): string[] {
  return [
    `${nameOf(fault, outcome)}: ${outcome.process}, next ${outcome.next}`,
    ...(withMessages ? outcome.messages.map((message) => `    ${message.replaceAll('\n', '\n    ')}`) : []),
    ...outcome.problems.map((problem) => `    PROBLEM ${problem}`),
  ]
}
