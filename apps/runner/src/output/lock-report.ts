import type { ExcludedSource, Lockfile } from '@ctxlock/contracts/lockfile'

import { LOCKFILE } from '../workspace/committed-files.ts'
import { counted } from './counted.ts'
import type { Output } from './output.ts'

/** What `lock` says of the lockfile it made. */
export interface LockReport {
  readonly lock_hash: string
  readonly sources: number
  readonly packed: number
  readonly excluded: number
  readonly rules: number
  readonly tasks: number
  readonly dropped_tasks: readonly string[]
  readonly tokens: number
}

/** Reasons of sources that were found and whose bytes were not to be had (CP-021). */
const NOT_READ: ReadonlyMap<string, string> = new Map([
  ['unreadable', 'it is there and cannot be read'],
  ['unreadable_directory', 'it is there and cannot be read'],
  ['changed_during_read', 'it was written to each time it was read; lock again when nothing writes to it'],
  ['PACK_SOURCE_UNSTABLE', 'it was written to each time it was read; lock again when nothing writes to it'],
  ['missing', 'it was there and is gone; lock again if it is to come back'],
  ['outside_root', 'it was turned into a link out of the workspace while it was read'],
  ['outside_workspace', 'it was turned into a link out of the workspace while it was read'],
])

/** What a lockfile leaves out although it was found as a source. */
export function notReadOf({ excluded }: Pick<Lockfile, 'excluded'>): ExcludedSource[] {
  return excluded.filter(({ reason }) => NOT_READ.has(reason))
}

/** What is said besides. */
export interface LockNotes {
  /** What `notReadOf` says of the lockfile. */
  readonly notRead?: readonly ExcludedSource[]
  readonly warnings?: readonly string[]
  /** What `workspaceLines` says. */
  readonly workspace: readonly string[]
  readonly isInGit: boolean
}

export function printLock(
  output: Output,
  report: LockReport,
  { notRead = [], warnings = [], workspace, isInGit }: LockNotes,
): void {
  const { lock_hash, sources, packed, excluded, rules, tasks, dropped_tasks: dropped, tokens } = report
  output.result({ ok: true, lockfile: LOCKFILE, ...report, not_read: notRead, warnings })
  for (const line of workspace) output.line(line)
  output.line(
    `wrote ${LOCKFILE}: ${counted(sources, 'source')} (${packed} packed), ${excluded} left out, ${counted(rules, 'rule')}, ${counted(tasks, 'task')}`,
  )
  if (excluded > 0) output.line('left out   `ctxlock why <path>` says why, for any file')
  output.line(`about ${tokens} tokens of source text; lock ${lock_hash.slice(0, 12)}`)
  for (const { path, reason } of notRead) output.line(`left out   ${path}: ${NOT_READ.get(reason)}`)
  for (const path of dropped)
    output.line(`no longer locked: ${path}; name it in \`tasks\` of the config to lock it always`)
  for (const warning of warnings) output.line(`warning    ${warning}`)
  output.line(`next       ${isInGit ? 'commit it; ' : ''}\`ctxlock check\` refuses when a source changed`)
}
