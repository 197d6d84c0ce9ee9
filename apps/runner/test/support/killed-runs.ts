// Real runs whose processes are killed, at a commit or at an instant, and gone on with until they are through.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import { MAIN } from './ctxlock.ts'
import { startModelServer, type ModelServer } from './model-server.ts'
import { ollamaConfig } from './ollama-config.ts'

const PRELOAD = fileURLToPath(new URL('./kill-at-commit.ts', import.meta.url))
const MODEL = 'small:1b'
const PARTS = ['one', 'two', 'three']
const FILES = {
  'README.md': '# Parcel\n\nA checksum is computed over the raw bytes of a box.\n',
  'task.json': JSON.stringify({
    schema_version: 'ctxlock.task@1',
    goal: 'Explain how boxes are checked.',
    scope: ['README.md'],
    done: ['The checksum is explained.'],
    expected_output: 'structured_answer',
    steps: PARTS.map((name) => ({ name, goal: `Explain the checksum, part ${name}.` })),
  }),
}

/** Where a process is killed; without one it lives. */
export type Kill =
  | { readonly atCommit: number; readonly when: 'before' | 'after' }
  | { readonly afterMs: number }
  | undefined

export interface KilledRuns {
  readonly runs: number
  readonly kills: number
  /** Runs that did not complete in the end. */
  readonly lost_runs: number
  /** Calls that were made although an earlier process had stored their answer. */
  readonly repeated_calls: number
  /** Iterations or micro-tasks that are on record as finished more than once. */
  readonly repeated_steps: number
  /** Runs whose log did not verify. */
  readonly broken_logs: number
}

/** One run for each list of kills, one kill for each of its processes; the last process lives. */
export async function killedRuns(lives: readonly (readonly Kill[])[]): Promise<KilledRuns> {
  const server = await startModelServer('ollama', { [MODEL]: 1 })
  const total = { runs: 0, kills: 0, lost_runs: 0, repeated_calls: 0, repeated_steps: 0, broken_logs: 0 }
  try {
    for (const kills of lives) {
      const one = await killedRun(server, kills)
      total.runs += 1
      total.kills += one.kills
      total.lost_runs += one.isComplete ? 0 : 1
      total.repeated_calls += one.repeatedCalls
      total.repeated_steps += one.repeatedSteps
      total.broken_logs += one.isVerified ? 0 : 1
    }
  } finally {
    await server.close()
  }
  return total
}

async function killedRun(server: ModelServer, kills: readonly Kill[]) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-killed-')))
  const config = ollamaConfig(server.origin, [MODEL])
  for (const [path, text] of Object.entries({ ...FILES, 'ctxlock.config.json': config })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  let [made, repeatedCalls] = [0, 0]
  let code: number | null = null
  try {
    for (const kill of [...kills, undefined]) {
      if (code !== null) break
      const stored = storedParts(root)
      const before = server.chats.length
      // Killed before it was written down, a run never began: nothing is lost by starting one.
      const ended = await processOf(root, hasRun(root) ? ['resume', 'last'] : ['run', 'task.json'], kill)
      code = ended.code
      made += ended.signal === 'SIGKILL' ? 1 : 0
      repeatedCalls += server.chats.slice(before).filter((chat) => stored.has(partOf(chat))).length
    }
    const isVerified = (await processOf(root, ['verify'], undefined)).code === 0
    return { kills: made, repeatedCalls, repeatedSteps: repeatedSteps(root), isComplete: code === 0, isVerified }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function processOf(cwd: string, args: readonly string[], kill: Kill) {
  const preload = kill && 'atCommit' in kill ? kill : undefined
  const child = spawn(process.execPath, [...(preload ? ['--import', PRELOAD] : []), MAIN, ...args], {
    cwd,
    stdio: 'ignore',
    env: {
      ...process.env,
      ...(preload && { CTXLOCK_TEST_KILL_AT: String(preload.atCommit), CTXLOCK_TEST_KILL_WHEN: preload.when }),
    },
  })
  const timer = kill && 'afterMs' in kill ? setTimeout(() => child.kill('SIGKILL'), kill.afterMs) : undefined
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal })
    })
  })
}

function partOf(chat: Buffer): string {
  return /part (one|two|three)\./.exec(chat.toString('utf8'))?.[1] ?? 'none'
}

function hasRun(root: string): boolean {
  return rows(root, 'SELECT run_id FROM runner_run').length > 0
}

/** The parts whose answer is stored. */
function storedParts(root: string): ReadonlySet<string> {
  const steps = rows(root, 'SELECT step_id FROM runner_reply').map(({ step_id }) => String(step_id))
  return new Set(PARTS.filter((_, index) => steps.includes(`MT-00${index + 1}_iter-001`)))
}

function repeatedSteps(root: string): number {
  const finished = rows(root, 'SELECT event FROM flight_event').flatMap(({ event }): string[] => {
    const { type, mt_id, iteration }: { type: string; mt_id?: string; iteration?: number } = JSON.parse(String(event))
    return type === 'micro_task_iteration_complete' || type === 'micro_task_complete'
      ? [`${type} ${mt_id} ${iteration}`]
      : []
  })
  return finished.length - new Set(finished).size
}

/** No rows where there is no table or no database yet. */
function rows(root: string, sql: string): Record<string, unknown>[] {
  try {
    const database = new DatabaseSync(join(root, '.ctxlock', 'state.db'))
    try {
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  } catch {
    return []
  }
}
