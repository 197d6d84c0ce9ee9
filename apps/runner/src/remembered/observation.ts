import type { SourceReader } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/core-hash'

import type { SourceSurvey } from '../lock/source-survey.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import {
  committedHashes,
  hashOfFiles,
  hashOfSurvey,
  notedReader,
  type ReadAnswer,
  type RuleRead,
} from './check-basis.ts'
import type { CheckMemory } from './check-memory.ts'
import type { CheckedCounts, RememberedCheck, RememberedLock } from './remembered-check.ts'

/** Told what an answer rests on beside the lockfile, the config file and ctxlock itself. */
export interface Observer {
  /** The reader to use, through which every rule file is read. */
  reader(reader: SourceReader): SourceReader
  surveyed(config: ResolvedConfig, survey: SourceSurvey): void
}

export interface Observation extends Observer {
  /** For a check that found nothing changed. */
  remember(counts: CheckedCounts): void
  /** For a lock whose file, as it was written, has this hash. */
  rememberLock(lockfile: Hash, counts: CheckedCounts, lock: RememberedLock): void
}

/**
 * Watches a command from before it reads anything. It is not remembered when its answer rests on something that is not seen here:
 * code of plugins, task files, a second listing of the workspace.
 */
export function observe(root: string, memory: CheckMemory): Observation {
  const { lockfile, config } = committedHashes(root)
  const reads: RuleRead[] = []
  const answers: ReadAnswer[] = []
  let seen: Pick<RememberedCheck, 'sources' | 'surveyHash'> | undefined
  return {
    reader: (reader) =>
      notedReader(reader, (read, answer) => {
        reads.push(read)
        answers.push(answer)
      }),
    surveyed({ sources: { include, exclude, keep }, rules, plugins, tasks }, survey) {
      const listsAgain = include.length > 0 && rules.conventions.length + rules.skills.length > 0
      if (plugins.length === 0 && tasks.length === 0 && !listsAgain)
        seen = { sources: { include, exclude, keep }, surveyHash: hashOfSurvey(survey) }
    },
    remember: (counts) => rememberFor(lockfile, { counts }),
    rememberLock: (written, counts, lock) => rememberFor(written, { counts, lock }),
  }

  /** Lockfile and config were read, or written, in between: they have to be the same now. */
  function rememberFor(expected: string, answer: Pick<RememberedCheck, 'counts' | 'lock'>): void {
    const committed = { lockfile: expected, config }
    const now = committedHashes(root)
    const isSteady = now.lockfile === committed.lockfile && now.config === committed.config
    if (!seen || !isSteady || answer.counts.tasks > 0) return
    memory.remember(root, { ...seen, reads, filesHash: hashOfFiles(memory.program, committed, answers), ...answer })
  }
}
