import type { LockfileDiff, ReadChange } from '@ctxlock/context-pack'

import { changeLines } from './change-lines.ts'

/** What differs between two lockfiles, for a person. */
export function lockfileDiffLines(diff: LockfileDiff): string[] {
  return [
    ...changeLines(
      { ...diff, status: 'changed' },
      diff.sources.map((change) => ({ ...change, tasks: [] })),
    ),
    ...diff.repacked.map((path) => `repacked ${path}  the same content gives another pack`),
    ...diff.reads.map(readLine),
  ]
}

function readLine({ change, read }: ReadChange): string {
  const reader = 'task' in read ? `task ${read.task}` : `role ${read.role}`
  switch (read.reason) {
    case 'scope':
      return `${change.padEnd(8)} ${reader} may read ${read.pattern}: ${read.sources} sources, ${read.tokens} tokens`
    case 'selected':
      return `${change.padEnd(8)} ${reader} is shown ${read.source} ${read.span}, ${read.tokens} tokens`
    default:
      return `${change.padEnd(8)} ${reader} reads ${read.source}: ${read.reason}`
  }
}
