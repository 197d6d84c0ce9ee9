// What an iteration of the executor takes without the model and the commands that check it, over files of four kilobytes; what of
// that is compiling the call, and one durable event. The limit is what no such work can do without, bare and in the same run: its
// commits and synced files, and reading and hashing its files for each of the three checks that look at them anew.
import { compare as compareAppends } from './durable-append.ts'
import { median, rounded } from './interleaved.ts'
import { openBareIteration } from './iteration/bare-iteration.ts'
import { openCompiler } from './iteration/compiler.ts'
import { openIterationWorkspace, type IterationWorkspace, type Work } from './iteration/iteration-workspace.ts'

export const name = 'iteration'

export interface Row {
  readonly work: string
  readonly median_ms: number
  /** Ours, and the specification's (T-PERF-01, -02, -04). */
  readonly bar_ms: number
  readonly spec_ms: number
  readonly limit_ms: number
  readonly to_limit: number
}

const ITERATION = { bar: 20, spec: 100 }

export function run(): Promise<{ readonly rows: Row[] }> {
  return compare({ iterations: 90, appends: 600 })
}

export async function compare(rounds: {
  readonly iterations: number
  readonly appends: number
}): Promise<{ readonly rows: Row[] }> {
  const workspace = await openIterationWorkspace(rounds.iterations)
  try {
    return {
      rows: [
        rowOf('iteration, answer over one file', ITERATION, await timeIterations(workspace, 'answer-to-one-file')),
        rowOf('iteration, answer over ten files', ITERATION, await timeIterations(workspace, 'answer')),
        rowOf('iteration, patch over ten files', ITERATION, await timeIterations(workspace, 'patch')),
        rowOf('compile of ten files', { bar: 50, spec: 500 }, await timeCompiles(workspace, rounds.iterations)),
        rowOf('event append', { bar: 2, spec: 10 }, await timeAppends(rounds.appends)),
      ],
    }
  } finally {
    await workspace.close()
  }
}

/** Milliseconds of each round, and of the limit in its turn. */
interface Times {
  readonly work: readonly number[]
  readonly limit: readonly number[]
}

/** From the record of one iteration to that of the next; the limit has its turn in between. */
async function timeIterations(workspace: IterationWorkspace, work: Work): Promise<Times> {
  const bare = openBareIteration(work === 'answer-to-one-file' ? workspace.files.slice(1, 2) : workspace.files)
  const times = { work: new Array<number>(), limit: new Array<number>() }
  let began: number | undefined
  let notOurs = workspace.elsewhereMs()
  try {
    await workspace.run(work, () => {
      const ended = performance.now()
      const elsewhere = workspace.elsewhereMs()
      if (began !== undefined) times.work.push(ended - began - (elsewhere - notOurs))
      bare.iterate()
      if (began !== undefined) times.limit.push(performance.now() - ended)
      began = performance.now()
      notOurs = elsewhere
    })
  } finally {
    bare.close()
  }
  return times
}

async function timeCompiles(workspace: IterationWorkspace, rounds: number): Promise<Times> {
  const compiler = await openCompiler(workspace.root)
  const bare = openBareIteration(workspace.files)
  const times = { work: new Array<number>(), limit: new Array<number>() }
  try {
    // The first rounds warm up.
    for (let round = -3; round < rounds; round += 1) {
      const began = performance.now()
      await compiler.compile()
      const between = performance.now()
      bare.readAndHash()
      if (round < 0) continue
      times.work.push(between - began)
      times.limit.push(performance.now() - between)
    }
  } finally {
    bare.close()
    await compiler.close()
  }
  return times
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
