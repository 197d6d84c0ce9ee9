import type { LockfileCheck } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import { readLockfile } from '../lock/lockfile-file.ts'
import { checkWorkspace, type CheckObserver } from '../lock/workspace-check.ts'
import {
  committedHashes,
  hashOfFiles,
  hashOfSurvey,
  notedReader,
  type ReadAnswer,
  type RuleRead,
} from './check-basis.ts'
import type { CheckMemory } from './check-memory.ts'
import type { CheckedCounts, RememberedCheck } from './remembered-check.ts'

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
  const observed = memory && observeCheck(root, memory)
  const lockfile = readLockfile(root)
  const check = await checkWorkspace(root, lockfile, progress, observed)
  const counts = { sources: lockfile.sources.length, rules: lockfile.rules.length, tasks: lockfile.tasks.length }
  const isUnchanged = check.status === 'matches' && check.excluded.length === 0
  if (isUnchanged) observed?.remember(counts)
  return { lockfile, check, counts, isUnchanged }
}

interface ObservedCheck extends CheckObserver {
  remember(counts: CheckedCounts): void
}

/**
 * Watches a check from before it reads anything. It is not remembered when its answer rests on something that is not seen here:
 * code of plugins, task files, a second listing of the workspace.
 */
function observeCheck(root: string, memory: CheckMemory): ObservedCheck {
  const committed = committedHashes(root)
  const reads: RuleRead[] = []
  const answers: ReadAnswer[] = []
  let seen: Pick<RememberedCheck, 'sources' | 'surveyHash'> | undefined
  return {
    reader: (reader) =>
      notedReader(reader, (read, answer) => {
        reads.push(read)
        answers.push(answer)
      }),
    surveyed({ sources: { include, exclude, keep }, rules, plugins }, survey) {
      const listsAgain = include.length > 0 && rules.conventions.length + rules.skills.length > 0
      if (plugins.length === 0 && !listsAgain)
        seen = { sources: { include, exclude, keep }, surveyHash: hashOfSurvey(survey) }
    },
    remember(counts) {
      // Lockfile and config were read in between: they have to be the same before and after.
      const isSteady = committedHashes(root).every((hash, index) => hash === committed[index])
      if (!seen || !isSteady || counts.tasks > 0) return
      memory.remember(root, { ...seen, reads, filesHash: hashOfFiles(memory.program, committed, answers), counts })
    },
  }
}
