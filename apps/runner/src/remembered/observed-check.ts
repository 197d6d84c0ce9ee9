import type { LockfileCheck } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import { readLockfile } from '../lock/lockfile-file.ts'
import { checkWorkspace } from '../lock/workspace-check.ts'
import type { CheckMemory } from './check-memory.ts'
import { observe } from './observation.ts'
import type { CheckedCounts } from './remembered-check.ts'

export interface CheckedLockfile {
  readonly lockfile: Lockfile
  readonly check: LockfileCheck
  readonly counts: CheckedCounts
  /** Nothing at all differs, not even what is left out. */
  readonly isUnchanged: boolean
}

/** Checks `ctxlock.lock` and remembers the answer if nothing changed. Throws what `readLockfile` and `checkWorkspace` throw. */
export async function checkAndRemember(
  root: string,
  memory: CheckMemory | undefined,
  progress: (text: string) => void,
): Promise<CheckedLockfile> {
  const observed = memory && observe(root, memory)
  const lockfile = readLockfile(root)
  const check = await checkWorkspace(root, lockfile, progress, observed)
  const counts = { sources: lockfile.sources.length, rules: lockfile.rules.length, tasks: lockfile.tasks.length }
  const isUnchanged = check.status === 'matches' && check.excluded.length === 0
  if (isUnchanged) observed?.remember(counts)
  return { lockfile, check, counts, isUnchanged }
}
