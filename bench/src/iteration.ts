// What an iteration of the executor takes without the model and without validation, which are the commands that check it (T-PERF-01), over
// files of four kilobytes; what of that is compiling the call, by the times in the log; and one durable event. The limit is what no such
// work can do without, bare and in the same run: its commits and synced files, and reading and hashing its files for each of the three
// checks that look at them anew. Compiling has a bar of its own, larger than that of an iteration (T-PERF-02), so the bar of an iteration
// is for what there is beside it.
import { compare as compareAppends } from './durable-append.ts'
import { median, rounded } from './interleaved.ts'
import { openBareIteration } from './iteration/bare-iteration.ts'
import { openIterationWorkspace, type IterationWorkspace, type Work } from './iteration/iteration-workspace.ts'

export interface Row {
  readonly work: string
  readonly median_ms: number
  /** Of an iteration: the median of what each took beside compiling its call. */
  readonly beside_compiling_ms?: number
  /** Ours, and the specification's (T-PERF-01, -02, -04). */
  readonly bar_ms: number
  readonly spec_ms: number
  readonly limit_ms: number
  readonly to_limit: number
}

const ITERATION = { bar: 20, spec: 100 }
const COMPILE = { bar: 50, spec: 500 }
const EVENT = { bar: 2, spec: 10 }

const WORKS = [
  ['answer-to-one-file', 'answer over one file'],
  ['answer', 'answer over ten files'],
  ['patch', 'patch over ten files'],
] as const

export function run(): Promise<{ readonly rows: Row[] }> {
  return compare({ iterations: 90, appends: 600 })
}

export async function compare(rounds: {
  readonly iterations: number
  readonly appends: number
}): Promise<{ readonly rows: Row[] }> {
  const workspace = await openIterationWorkspace(rounds.iterations)
  try {
    const rows: Row[] = []
    for (const [work, what] of WORKS) {
      const { iterations, compiles, beside } = await timeIterations(workspace, work)
      const row = rowOf(`iteration, ${what}`, ITERATION, iterations)
      rows.push({ ...row, beside_compiling_ms: rounded(median(beside)) }, rowOf(`compile, ${what}`, COMPILE, compiles))
    }
    rows.push(rowOf('event append', EVENT, await timeAppends(rounds.appends)))
    return { rows }
  } finally {
    await workspace.close()
  }
}

/** Milliseconds of each round, and of the limit in its turn. */
interface Times {
  readonly work: readonly number[]
  readonly limit: readonly number[]
}

/** From the record of one iteration to that of the next, and of that compiling; the limits have their turn in between. */
export async function timeIterations(workspace: IterationWorkspace, work: Work) {
  const bare = openBareIteration(filesOf(workspace, work))
  const [taken, limits, readings] = [new Array<number>(), new Array<number>(), new Array<number>()]
  let began: number | undefined
  let ofModel = workspace.modelMs()
  try {
    const [, ...spent] = await workspace.run(work, () => {
      const ended = performance.now()
      const model = workspace.modelMs()
      if (began !== undefined) taken.push(ended - began - (model - ofModel))
      bare.iterate()
      const between = performance.now()
      bare.readAndHash()
      if (began !== undefined) limits.push(between - ended)
      if (began !== undefined) readings.push(performance.now() - between)
      began = performance.now()
      ofModel = model
    })
    const iterations = taken.map((ms, index) => ms - (spent[index]?.validating ?? Number.NaN))
    const compiles = spent.map(({ compiling }) => compiling)
    return {
      iterations: { work: iterations, limit: limits },
      compiles: { work: compiles, limit: readings },
      beside: iterations.map((ms, index) => ms - (compiles[index] ?? Number.NaN)),
    }
  } finally {
    bare.close()
  }
}

function filesOf({ files }: IterationWorkspace, work: Work): readonly string[] {
  return work === 'answer-to-one-file' ? files.slice(1, 2) : files
}

async function timeAppends(rounds: number): Promise<Times> {
  const [single] = (await compareAppends({ single: rounds, batched: 1 })).rows
  return { work: [(single?.recorder_us ?? Number.NaN) / 1000], limit: [(single?.bare_us ?? Number.NaN) / 1000] }
}

function rowOf(work: string, { bar, spec }: { readonly bar: number; readonly spec: number }, times: Times): Row {
  const [taken, limit] = [median(times.work), median(times.limit)]
  return {
    work,
    median_ms: rounded(taken),
    bar_ms: bar,
    spec_ms: spec,
    limit_ms: rounded(limit),
    to_limit: rounded(taken / limit),
  }
}
