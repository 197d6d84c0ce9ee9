import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import { isOwnerGone, openRunOwner } from '../workspace/run-owner.ts'
import type { OpenState } from '../workspace/state.ts'

/** Which runs this process goes on with; disposing gives them back. */
export interface RunClaims extends Disposable {
  /** Once for a run. Throws `RUN_TAKEN` when a living process has it. */
  take(runId: string): void
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_claim (
  run_id TEXT PRIMARY KEY, owner TEXT NOT NULL
) STRICT, WITHOUT ROWID`

/**
 * A run is claimed as a whole before anything of it is looked at, its job, its consent or its steps: of two processes that took these one
 * after the other, each could end with a part, and neither go on. What a process had claimed that ended or died is free.
 */
export function openRunClaims({ state, environment }: Pick<Session, 'state' | 'environment'>): RunClaims {
  const { database, folder, unsynced } = state
  database.exec(TABLE)
  const owner = openRunOwner(folder, environment.random.uuid())
  return {
    take(runId) {
      unsynced(() => {
        freeAbandoned()
        if (database.prepare('SELECT 1 FROM runner_claim WHERE run_id = ?').get(runId)) throw runTaken(runId)
        database.prepare('INSERT INTO runner_claim (run_id, owner) VALUES (?, ?)').run(runId, owner.id)
      })
    },
    // The row stays until another run is claimed: a poisoned one must not be written about any more.
    [Symbol.dispose]: owner.close,
  }

  /** What a process had that ended or died, with the lock the latter left. */
  function freeAbandoned(): void {
    for (const { owner: holder } of database.prepare('SELECT DISTINCT owner FROM runner_claim').all()) {
      if (owner.isGone(String(holder))) database.prepare('DELETE FROM runner_claim WHERE owner = ?').run(String(holder))
    }
  }
}

/** True while a living process goes on with the run; inside a transaction none begins to meanwhile. */
export function isClaimed({ database, folder }: Pick<OpenState, 'database' | 'folder'>, runId: string): boolean {
  database.exec(TABLE)
  const claim = database.prepare('SELECT owner FROM runner_claim WHERE run_id = ?').get(runId)
  return claim !== undefined && !isOwnerGone(folder, String(claim['owner']))
}

export function runTaken(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_TAKEN',
    message: `a process that is alive works on the run ${runId}`,
    hint: `Nothing was sent by this process. Wait for the other, or stop it: \`ctxlock pause ${runId.slice(0, 8)}\`.`,
  })
}
