// A marker in everything a run is made from and answered with: how often it shows in what is exported without names or content.
import { parseArgs } from 'node:util'

import { CONVENTIONS } from '../../../apps/runner/src/telemetry/conventions.ts'
import { LEAKING, markedEvent, shownBy } from './export-markers/marked-events.ts'
import { markedRun } from './export-markers/marked-run.ts'
import { seededRandom } from './generated-files/random.ts'

export interface Result {
  readonly seed: number
  /** Runs that were made and exported whole; events of every type that were made up. */
  readonly runs: number
  readonly events: number
  /** Places where a marker showed in redacted bundles and in spans; the bar is 0. */
  readonly hits: number
  readonly shown: readonly string[]
  /** Controls: runs whose bundle without redaction shows it, and events that a convention nobody checked shows; both above 0. */
  readonly control_runs: number
  readonly control_events: number
}

/** `--runs N` (20), `--events N` (20,000), `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<Result> {
  const options = { runs: { type: 'string' }, events: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [runs, events, seed] = [Number(values.runs ?? 20), Number(values.events ?? 20_000), Number(values.seed ?? 1)]
  if (![runs, events, seed].every(Number.isSafeInteger))
    throw new Error('Expected --runs, --events and --seed as whole numbers.')
  const random = seededRandom(seed)
  const newMarker = () => `mk${Array.from({ length: 16 }, () => Math.floor(random() * 36).toString(36)).join('')}`

  const shown: string[] = []
  let [controlRuns, controlEvents] = [0, 0]
  for (let run = 0; run < runs; run += 1) {
    const { hits, control } = await markedRun(
      newMarker(),
      run % 3 === 2,
      CONVENTIONS.map(({ id }) => id),
    )
    shown.push(...hits)
    if (control) controlRuns += 1
  }
  for (let index = 0; index < events; index += 1) {
    const marker = newMarker()
    const event = markedEvent(random, marker)
    shown.push(...shownBy(event, marker, CONVENTIONS))
    if (shownBy(event, marker, [LEAKING]).length > 0) controlEvents += 1
  }
  const distinct = [...new Set(shown)]
  return {
    seed,
    runs,
    events,
    hits: shown.length,
    shown: distinct,
    control_runs: controlRuns,
    control_events: controlEvents,
  }
}
