import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

export interface KillReport {
  readonly lives: number
  readonly kills: number
  /** Runs that did not come to their end with the right result. */
  readonly lost_runs: number
  /** Steps that began although their result was on record when their process started. */
  readonly repeated_steps: number
  /** Times that a step and its event were not both there, or not both missing. */
  readonly torn_steps: number
}

/** When a life ends: at a boundary of the child, after a time, or when it is done. */
export type Deadline = { readonly at: string } | { readonly afterMs: number } | 'never'

const STEPS = ['first', 'second', 'last']

const RECOVERING = ['open', 'opened', 'serving', 'started', 'signalled']

/** Every boundary that the steps of these runs pass. */
export function boundariesOf(runs: number): readonly string[] {
  const ofStep = (step: string) => [`begin ${step}`, `commit ${step}`, `end ${step}`]
  return Array.from({ length: runs }, (_, index) => `run-${index}`).flatMap((run) => [
    ...ofStep(`${run}/first`),
    `decided ${run}`,
    ...ofStep(`${run}/second`),
    `slept ${run}`,
    ...ofStep(`${run}/last`),
    `ended ${run}`,
  ])
}

/** For each boundary its own database: a kill there, another one while it recovers from that, and a last life. */
export async function killedAtEveryBoundary(runs: number): Promise<KillReport> {
  const reports = []
  for (const [index, at] of boundariesOf(runs).entries())
    reports.push(await killedLives(runs, [{ at }, { at: RECOVERING[index % RECOVERING.length] ?? 'open' }]))
  return reports.reduce(sumOfReports)
}

export function sumOfReports(one: KillReport, other: KillReport): KillReport {
  return {
    lives: one.lives + other.lives,
    kills: one.kills + other.kills,
    lost_runs: one.lost_runs + other.lost_runs,
    repeated_steps: one.repeated_steps + other.repeated_steps,
    torn_steps: one.torn_steps + other.torn_steps,
  }
}

/** Lives over one database, one for each deadline and a last one; judged after each. */
export async function killedLives(runs: number, deadlines: readonly Deadline[]): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'killed-lives-'))
  const [databasePath, logPath] = [join(folder, 'state.db'), join(folder, 'log')]
  let [kills, repeated, torn] = [0, 0, 0]
  let finished = new Set<string>()
  let read = 0
  try {
    for (const deadline of [...deadlines, 'never' as const]) {
      if ((await live([databasePath, logPath, String(runs)], deadline)) === 'SIGKILL') kills += 1
      const begun = existsSync(logPath) ? readFileSync(logPath, 'utf8') : ''
      for (const [, step = ''] of begun.slice(read).matchAll(/^begin (.+)$/gm)) if (finished.has(step)) repeated += 1
      read = begun.length
      const kept = stepsIn(databasePath)
      if (kept.steps.join() !== kept.events.join()) torn += 1
      if (![...finished].every((step) => kept.steps.includes(step))) torn += 1
      finished = new Set(kept.steps)
    }
    const lost = lostRuns(databasePath, runs)
    return { lives: deadlines.length + 1, kills, lost_runs: lost, repeated_steps: repeated, torn_steps: torn }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function live(args: readonly string[], deadline: Deadline): Promise<string | number | null> {
  const child = fileURLToPath(import.meta.resolve('./killed-process.ts'))
  const at = typeof deadline === 'object' && 'at' in deadline ? deadline.at : ''
  const running = spawn(process.execPath, [child, ...args, at], { stdio: ['ignore', 'ignore', 'inherit'] })
  const timer =
    typeof deadline === 'object' && 'afterMs' in deadline
      ? setTimeout(() => running.kill('SIGKILL'), deadline.afterMs)
      : undefined
  return new Promise((resolve) =>
    running.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve(signal ?? code)
    }),
  )
}

function stepsIn(path: string): { readonly steps: readonly string[]; readonly events: readonly string[] } {
  return withDatabase(path, (database) => {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE name IN ('engine_journal', 'event')`).all()
    if (tables.length < 2) return { steps: [], events: [] }
    const list = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map(({ step }) => String(step))
    return {
      steps: list(`SELECT run_id || '/' || key AS step FROM engine_journal WHERE kind = 'step' ORDER BY step`),
      events: list('SELECT step FROM event ORDER BY step'),
    }
  })
}

function lostRuns(path: string, runs: number): number {
  return withDatabase(path, (database) => {
    const whole = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok'
    const select = database.prepare(`SELECT outcome FROM engine_run WHERE run_id = ? AND state = 'completed'`)
    const results = Array.from({ length: runs }, (_, index) => select.get(`run-${index}`)?.['outcome'])
    const isRight = (outcome: unknown, index: number) =>
      outcome === `{"result":${index + STEPS.length},"state":"completed"}`
    return whole ? results.filter((outcome, index) => !isRight(outcome, index)).length : runs
  })
}

function withDatabase<Result>(path: string, read: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(path)
  try {
    return read(database)
  } finally {
    database.close()
  }
}
