import type { CheckedCounts } from '../remembered/remembered-check.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { counted } from './counted.ts'
import type { Output } from './output.ts'

/** What `check` says when nothing at all differs. */
export function printUnchanged(output: Output, counts: CheckedCounts, more: object = {}): void {
  const nothing = { sources: [], roles: [], rules: [], tasks: [], excluded: [] }
  output.result({ ok: true, exit: EXIT_CODE.done, status: 'matches', ...nothing, ...more })
  output.line(matchesLine(counts))
}

export function matchesLine({ sources, rules, tasks }: CheckedCounts): string {
  return `${counted(sources, 'source')}, ${counted(rules, 'rule')} and ${counted(tasks, 'task')} are what the lockfile says`
}
