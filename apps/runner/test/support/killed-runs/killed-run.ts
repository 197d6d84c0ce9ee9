import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { apply } from '../../../src/commands/apply.ts'
import { EXIT_CODE } from '../../../src/exit-code.ts'
import { live, type Kill } from './life.ts'
import { AFTER, BEFORE, STEPS, type MeasuredServer } from './measured-task.ts'
import {
  historyOf,
  isVerified,
  isWholeLedger,
  readRecord,
  repeatedSteps,
  SILENT,
  type RunRecord,
} from './run-record.ts'

export const PHASES = ['start', 'gate'] as const
export type Phase = (typeof PHASES)[number]

/** The kills of one run, one for each of its processes; when they are used up the run is gone on with to its end. */
export interface KillPlan {
  /** The beginning of the run, or the gate it waits at, where a person lets it go on. */
  readonly from: Phase
  readonly kills: readonly Kill[]
}

export interface RunOutcome {
  readonly plan: KillPlan
  /** Those of the plan that came before the run was through. */
  readonly kills: readonly Kill[]
  readonly repeatedCalls: number
  readonly repeatedSteps: number
  readonly brokenLogs: number
  readonly isLost: boolean
  readonly isLedgerBroken: boolean
}

export interface Stage {
  readonly root: string
  /** Where the workspace is copied to be looked at. */
  readonly copy: string
  readonly server: Pick<MeasuredServer, 'asked'>
  /** That of a run which nobody killed. */
  readonly history: readonly string[]
}

/** One run, killed by its plan and gone on with to its end. */
export async function killedRun({ root, copy, server, history }: Stage, plan: KillPlan): Promise<RunOutcome> {
  const kills: Kill[] = []
  let [repeatedCalls, repeated, brokenLogs] = [0, 0, 0]
  let before = await lookAt(root, copy, readRecord)
  let code: number | null = plan.from === 'gate' ? EXIT_CODE.needsPerson : null
  const pending = [...plan.kills]
  for (;;) {
    const kill = pending.shift()
    const asked = server.asked.length
    const life = await live(root, commandFor(before, code), kill)
    code = life.code
    if (kill && life.wasKilled) kills.push(kill)
    const { record, verified } = await lookAt(root, copy, async (folder) => ({
      record: readRecord(folder),
      verified: !readRecord(folder).isBegun || (await isVerified(folder)),
    }))
    repeatedCalls += server.asked.slice(asked).filter((step) => before.answered.has(step)).length
    repeated += repeatedSteps(before, record).length
    brokenLogs += verified ? 0 : 1
    before = record
    if (!life.wasKilled && code !== EXIT_CODE.needsPerson) break
  }
  const isSame = code === EXIT_CODE.done && historyOf(before).join('\n') === history.join('\n')
  return {
    plan,
    kills,
    repeatedCalls,
    repeatedSteps: repeated,
    brokenLogs,
    isLost: !isSame || !hasFiles(root, BEFORE) || !(await lookAt(root, copy, isApplied)),
    isLedgerBroken: !isWholeLedger(root, STEPS),
  }
}

/** What a person types next: killed before it was written down, a run never began, and nothing is lost by starting one. */
export function commandFor({ isBegun }: RunRecord, code: number | null): string[] {
  if (code === EXIT_CODE.needsPerson) return ['continue', 'last']
  return isBegun ? ['resume', 'last'] : ['run', 'task.json', '--allow-unsandboxed']
}

async function lookAt<Seen>(root: string, copy: string, look: (folder: string) => Seen): Promise<Awaited<Seen>> {
  cpSync(root, copy, { recursive: true })
  try {
    return await look(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** True when the patch of the run is what was asked for. */
export async function isApplied(root: string): Promise<boolean> {
  try {
    await apply(['last'], { options: {}, output: SILENT, workspace: root })
    return hasFiles(root, AFTER)
  } catch {
    return false
  }
}

function hasFiles(root: string, files: Readonly<Record<string, string>>): boolean {
  return Object.entries(files).every(([path, text]) => readFileSync(join(root, path), 'utf8') === text)
}
