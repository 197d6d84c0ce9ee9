import type { LockedRead } from '@ctxlock/contracts/lockfile'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

/** Tasks whose scope, as locked, holds a path. */
export function tasksOf(path: string, reads: readonly LockedRead[]): string[] {
  const tasks = reads.flatMap((read) => (read.reason === 'scope' && isInScope(path, [read.pattern]) ? [read.task] : []))
  return [...new Set(tasks)]
}
