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

/** `unreadable` are paths that are there and could not be read. */
export function printLock(output: Output, report: LockReport, unreadable: readonly string[] = []): void {
  const { lock_hash, sources, packed, excluded, rules, tasks, dropped_tasks: dropped, tokens } = report
  output.result({ ok: true, lockfile: LOCKFILE, ...report })
  output.line(
    `wrote ${LOCKFILE}: ${counted(sources, 'source')} (${packed} packed), ${excluded} left out, ${counted(rules, 'rule')}, ${counted(tasks, 'task')}`,
  )
  if (excluded > 0) output.line('left out   `ctxlock why <path>` says why, for any file')
  output.line(`about ${tokens} tokens of source text; lock ${lock_hash.slice(0, 12)}`)
  for (const path of unreadable) output.line(`left out   ${path}: it is there and cannot be read`)
  for (const path of dropped)
    output.line(`no longer locked: ${path}; name it in \`tasks\` of the config to lock it always`)
  output.line('next       commit it; `ctxlock check` refuses when a source changed')
}
