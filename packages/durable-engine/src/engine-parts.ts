import type { RunFailure } from '@ctxlock/contracts/engine'
import type { Environment, SqlDatabase } from '@ctxlock/contracts/ports'

import type { GroupCommit } from './group-commit.ts'
import type { Journal } from './journal.ts'
import type { NextTurn } from './next-turn.ts'
import type { RunTable } from './run-table.ts'

/** The process that works on runs. Two of one file must not have the same id. */
export interface Owner {
  readonly id: string
  /** True when the process of this id can write no more, such as one that was killed. */
  isGone(id: string): boolean
}

/** Asked in every transaction that writes in the name of a run: why it may write no more. Nothing is written then, and the run fails. */
export type Fence = (database: SqlDatabase, runId: string) => RunFailure | undefined

/** What the parts of one open engine share. */
export interface EngineParts extends Pick<Environment, 'timers'> {
  readonly clock: Pick<Environment['clock'], 'now'>
  readonly random: Pick<Environment['random'], 'fraction'>
  readonly database: SqlDatabase
  readonly owner: Owner
  readonly fence: Fence
  readonly runs: RunTable
  readonly journal: Journal
  readonly commits: GroupCommit
  readonly nextTurn: NextTurn
}
