import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openArtifactStore } from '@ctxlock/artifact-store'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { nodeEnvironment } from '../../src/environment/node-environment.ts'
import { createStateFiles } from '../../src/environment/state-files.ts'
import { openRunIndex } from '../../src/session/run-index.ts'

/**
 * Makes the one run of a workspace many: as the engine and the run index keep them, each with an id, a time and a question of its own
 * (`question <number>`). Their calls and events stay those of the first.
 */
export function multiplyRuns(root: string, count: number): void {
  const folder = join(root, '.ctxlock')
  using database = new DatabaseSync(join(folder, 'state.db'))
  const artifacts = openArtifactStore({ database, files: createStateFiles(folder), clock: nodeEnvironment.clock })
  const runs = openRunIndex(database, artifacts)
  const first = runs.find('last')
  const copyRow = database.prepare(
    `INSERT INTO engine_run (run_id, workflow, version, line, input, input_hash, state, owner, started_at, waits, due, outcome, reason, finished_at)
     SELECT ?, workflow, version, line, input, input_hash, state, owner, started_at + ?, waits, due, outcome, reason, finished_at
     FROM engine_run WHERE run_id = ?`,
  )
  inTransaction(database, () => {
    for (let number = 1; number < count; number += 1) {
      const run_id = randomUUID()
      const subjects = first.subjects.map((subject) => ({ ...subject, question: `question ${number}` }))
      runs.add({ ...first, run_id, subjects })
      copyRow.run(run_id, number, first.run_id)
    }
  })
}
