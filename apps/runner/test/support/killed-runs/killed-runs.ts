// Real runs whose processes are killed, at a commit or at an instant, and gone on with until they are through.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { EXIT_CODE } from '../../../src/exit-code.ts'
import { commandFor, isApplied, killedRun, type KillPlan, type Phase, type RunOutcome } from './killed-run.ts'
import { live, type Life } from './life.ts'
import { BEFORE, startMeasuredServer, STEPS } from './measured-task.ts'
import { historyOf, isVerified, isWholeLedger, readRecord } from './run-record.ts'

/** What a phase comes to when nobody kills it. */
export type Reference = Readonly<Record<Phase, Pick<Life, 'commits' | 'workMs'>>>

export interface KilledRuns {
  readonly runs: number
  readonly kills_at_boundaries: number
  readonly kills_at_instants: number
  /** Those of the kills above that hit a process which went on with a killed run. */
  readonly kills_in_recovery: number
  /** Runs that did not come to the same end, by the same history, as one that nobody killed. */
  readonly lost_runs: number
  /** Calls that were made although an earlier process had stored their answer. */
  readonly repeated_calls: number
  /** Work on record for steps that an earlier process had finished. */
  readonly repeated_steps: number
  /** Times that the log of a killed run did not verify. */
  readonly broken_logs: number
  readonly broken_ledgers: number
  /** What the runs above did that they should not have, with the kills that led there. */
  readonly failures: readonly string[]
}

/** Kills runs by a plan that knows the reference; `workers` of them at a time. */
export async function killedRuns(
  planned: (reference: Reference) => readonly KillPlan[],
  workers = 1,
): Promise<KilledRuns> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-killed-')))
  const opened: Worker[] = []
  try {
    for (let number = 0; number < workers; number += 1) opened.push(await openWorker(join(folder, String(number))))
    const [first] = opened
    const queue = first ? [...planned(first.reference)] : []
    const outcomes: RunOutcome[] = []
    await Promise.all(
      opened.map(async (worker) => {
        for (let plan = queue.shift(); plan; plan = queue.shift()) outcomes.push(await worker.kill(plan))
      }),
    )
    return report(outcomes)
  } finally {
    await Promise.all(opened.map((worker) => worker.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Worker {
  readonly reference: Reference
  kill(plan: KillPlan): Promise<RunOutcome>
  close(): Promise<void>
}

/** A server of its own, and one run that nobody kills: what it leaves at its gate is where others begin. */
async function openWorker(folder: string): Promise<Worker> {
  const server = await startMeasuredServer()
  const [fresh, atGate] = [join(folder, 'fresh'), join(folder, 'gate')]
  writeFiles(fresh, { ...BEFORE, 'ctxlock.config.json': server.config })
  cpSync(fresh, atGate, { recursive: true })
  // The first process of all reads every module anew.
  await live(fresh, ['--help'])
  const start = await live(atGate, commandFor(readRecord(atGate), null))
  const through = join(folder, 'through')
  cpSync(atGate, through, { recursive: true })
  const gate = await live(through, commandFor(readRecord(through), start.code))
  const history = historyOf(readRecord(through))
  const isWhole = (await isVerified(through)) && isWholeLedger(through, STEPS) && (await isApplied(through))
  if (start.code !== EXIT_CODE.needsPerson || gate.code !== EXIT_CODE.done || !isWhole) {
    throw new Error(
      `Expected a run that waits, ends and verifies; got ${start.code}, ${gate.code}, ${server.asked.join()}.`,
    )
  }
  return {
    reference: { start, gate },
    close: () => server.close(),
    async kill(plan) {
      const root = join(folder, 'killed')
      cpSync(plan.from === 'start' ? fresh : atGate, root, { recursive: true })
      try {
        return await killedRun({ root, copy: join(folder, 'judged'), server, history }, plan)
      } finally {
        rmSync(root, { recursive: true, force: true })
      }
    },
  }
}

function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function report(outcomes: readonly RunOutcome[]): KilledRuns {
  const kills = outcomes.flatMap((outcome) => outcome.kills)
  const sum = (count: (outcome: RunOutcome) => number) => outcomes.reduce((total, one) => total + count(one), 0)
  const atBoundaries = kills.filter((kill) => 'atCommit' in kill).length
  return {
    runs: outcomes.length,
    kills_at_boundaries: atBoundaries,
    kills_at_instants: kills.length - atBoundaries,
    kills_in_recovery: sum((one) => Math.max(0, one.kills.length - 1)),
    lost_runs: sum(({ isLost }) => Number(isLost)),
    repeated_calls: sum(({ repeatedCalls }) => repeatedCalls),
    repeated_steps: sum((one) => one.repeatedSteps),
    broken_logs: sum(({ brokenLogs }) => brokenLogs),
    broken_ledgers: sum(({ isLedgerBroken }) => Number(isLedgerBroken)),
    failures: outcomes.filter(hasFailed).map(({ plan, ...outcome }) => JSON.stringify({ plan, ...outcome })),
  }
}

function hasFailed({ isLost, isLedgerBroken, repeatedCalls, repeatedSteps: steps, brokenLogs }: RunOutcome): boolean {
  return isLost || isLedgerBroken || repeatedCalls + steps + brokenLogs > 0
}
