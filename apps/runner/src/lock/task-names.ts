import type { LockedTask } from '@ctxlock/contracts/lockfile'

import type { CallSubject } from '../governed-call/call-subject.ts'

/** The name a lockfile has for a micro-task of a task file. */
export function lockedTaskName(path: string, { definition }: Pick<CallSubject, 'definition'>): string {
  return `${path}#${definition.mt_id}`
}

/** The task files a lockfile names. */
export function lockedTaskPaths(tasks: readonly LockedTask[]): string[] {
  return [...new Set(tasks.map(({ task }) => task.replace(/#MT-\d{3}$/, '')))]
}
