// What spec 10 section K wants measured: the 95th percentile of each row beside its baseline and its maximum. A slow machine is above
// either; nothing fails for it, the verdict stands in the row.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createScanner } from '../../../packages/ace-validators/src/scanner.ts'
import type { ModelReply } from '../../../packages/contracts/src/micro-task-iteration.ts'
import type { SqlDatabase } from '../../../packages/contracts/src/ports.ts'
import { canonicalHash } from '../../../packages/core-hash/src/index.ts'
import { openReplyStore } from '../../../apps/runner/src/executor/reply-store.ts'
import { openRunFiles, readProgress } from '../../../apps/runner/src/executor/run-files.ts'
import { startJob } from '../../../apps/runner/src/run/job.ts'
import { openSession } from '../../../apps/runner/src/session/session.ts'
import { openDurable, recorderWriter } from '../durable-append/writers.ts'
import { callIntentDraft } from '../event-draft.ts'
import { rounded } from '../interleaved.ts'
import { timeIterations } from '../iteration.ts'
import { openIterationWorkspace, type IterationWorkspace } from '../iteration/iteration-workspace.ts'

export interface Row {
  readonly id: string
  readonly metric: string
  readonly p95_ms: number
  readonly baseline_ms: number
  readonly maximum_ms: number
  readonly verdict: 'within' | 'above baseline' | 'above maximum'
}

/** A run is a task of as many micro-tasks at most. */
const MOST_ITERATIONS = 90

/** `--rounds N`: 200 if left out, as the specification has it. */
export async function measure(args: readonly string[]): Promise<{ node: string; rounds: number; rows: Row[] }> {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string' } } })
  const rounds = Number(values.rounds ?? 200)
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error('Expected --rounds to be a whole number of at least 1.')
  const workspace = await openIterationWorkspace(Math.min(rounds + 1, MOST_ITERATIONS))
  try {
    const { iterations, compiles } = await runTimes(workspace, rounds)
    const rows = [
      rowOf('T-PERF-01', 'iteration overhead (excluding model and validation)', [100, 500], iterations),
      rowOf('T-PERF-02', 'context compilation', [500, 2000], compiles),
      rowOf('T-PERF-03', 'state persistence', [50, 200], await persistTimes(workspace, rounds)),
      rowOf('T-PERF-04', 'event emission', [10, 50], eventTimes(rounds)),
      rowOf('T-X-PERF-05', 'canonical hash of a 1 MiB value', [50, 250], hashTimes(rounds)),
      rowOf('T-X-PERF-06', 'injection scan of 256 KiB, all views', [100, 500], scanTimes(rounds)),
    ]
    return { node: process.version, rounds, rows }
  } finally {
    await workspace.close()
  }
}

/** Answers over ten files of four kilobytes. */
async function runTimes(workspace: IterationWorkspace, rounds: number) {
  const [iterations, compiles] = [new Array<number>(), new Array<number>()]
  while (iterations.length < rounds) {
    const times = await timeIterations(workspace, 'answer')
    iterations.push(...times.iterations.work)
    compiles.push(...times.compiles.work)
  }
  return { iterations: iterations.slice(0, rounds), compiles: compiles.slice(0, rounds) }
}

/** What a step leaves in the files of its run: that it began, what came of it, and the progress artifact of a run that did all above. */
async function persistTimes({ root }: IterationWorkspace, rounds: number): Promise<number[]> {
  const session = await openSession({ root, variables: process.env })
  try {
    const { database, folder } = session.state
    const progress = readProgress(folder, lastRunIn(database))
    if (!progress) throw new Error('Expected the run to have left its progress.')
    const { fence } = startJob(session, 'a'.repeat(64))
    const files = openRunFiles(session, session.environment.random.uuid(), openReplyStore(database), fence)
    return times(rounds, (round) => {
      const stepId = `MT-001_iter-${String(round + 1).padStart(3, '0')}`
      files.begin(stepId, REPLY.idempotency_key)
      files.settle(stepId, REPLY)
      files.writeProgress(progress)
    })
  } finally {
    await session.close()
  }
}

const REPLY: ModelReply = {
  call_id: '00000000-0000-4000-8000-000000000001',
  idempotency_key: 'b'.repeat(64),
  context_snapshot_id: '00000000-0000-4000-8000-000000000002',
  context_window: 8192,
  tokens_prompt: 90,
  tokens_completion: 0,
  started_at: '2026-11-22T00:00:00.000Z',
  duration_ms: 9,
  status: 'failed',
  error: 'model_error',
  code: 'server_error',
}

function lastRunIn(database: SqlDatabase): string {
  return String(database.prepare('SELECT run_id FROM runner_run ORDER BY rowid DESC LIMIT 1').get()?.['run_id'])
}

function eventTimes(rounds: number): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  const recorder = recorderWriter(openDurable(join(folder, 'log.db')))
  try {
    return times(rounds, () => recorder.write({ drafts: [callIntentDraft()], stored: [] }))
  } finally {
    recorder.close()
    rmSync(folder, { recursive: true })
  }
}

function hashTimes(rounds: number): number[] {
  const record = { text: 'x'.repeat(200), score: 1 / 7, tags: ['a', 'b'] }
  const value = Array.from({ length: 4096 }, (_, index) => ({ id: `id-${index}`, ...record }))
  return times(rounds, () => canonicalHash(value))
}

/** Text of which every view has to look at every line. */
function scanTimes(rounds: number): number[] {
  const scanner = createScanner()
  const line = "L'été dernier, les élèves ont été interrogés sur la façon dont ils préparent l'épreuve.\n"
  const text = line.repeat(Math.ceil(262_144 / Buffer.byteLength(line)))
  return times(rounds, () => {
    if (scanner.find(text)) throw new Error('Expected nothing to be found.')
  })
}

/** Milliseconds of each round, the first ones left out: they are those of code that was never run. */
function times(rounds: number, work: (round: number) => unknown): number[] {
  const warmUp = 5
  return Array.from({ length: rounds + warmUp }, (_, round) => {
    const began = performance.now()
    work(round)
    return performance.now() - began
  }).slice(warmUp)
}

function rowOf(
  id: string,
  metric: string,
  [baseline, maximum]: readonly [number, number],
  all: readonly number[],
): Row {
  const p95 = all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1] ?? Number.NaN
  const verdict = p95 > maximum ? 'above maximum' : p95 > baseline ? 'above baseline' : 'within'
  return { id, metric, p95_ms: rounded(p95), baseline_ms: baseline, maximum_ms: maximum, verdict }
}
