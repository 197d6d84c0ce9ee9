import { appendFileSync, existsSync, readFileSync } from 'node:fs'

import type { FaultOutcome } from './faulted-stage.ts'

/** The outcomes of an earlier process by the names of their faults, and where this one adds its own. */
export interface ProgressFile {
  readonly outcomes: ReadonlyMap<string, FaultOutcome>
  add(fault: string, outcome: FaultOutcome): void
}

/**
 * Opens a file of JSON lines that a measure which was stopped goes on from. `plan` says what is measured: outcomes of another plan are
 * refused. Without a path nothing is kept.
 */
export function openProgress(path: string | undefined, plan: string): ProgressFile {
  if (path === undefined) return { outcomes: new Map(), add() {} }
  if (!existsSync(path)) appendFileSync(path, `${JSON.stringify({ plan })}\n`)
  const [first = '', ...lines] = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  const { plan: earlier } = JSON.parse(first)
  if (earlier !== plan)
    throw new Error(`Expected outcomes of ${plan} in ${path}, got those of ${earlier}; give a new file.`)
  return {
    outcomes: new Map(lines.map((line) => JSON.parse(line))),
    add: (fault, outcome) => appendFileSync(path, `${JSON.stringify([fault, outcome])}\n`),
  }
}
