import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { realTime } from '../test/support/real-time.ts'
import type { EngineParts } from './engine-parts.ts'
import { groupCommit } from './group-commit.ts'
import { heldRun, RunLost } from './held-run.ts'
import { openJournal } from './journal.ts'
import { migrate } from './migrations.ts'
import { openNextTurn } from './next-turn.ts'
import { openRunTable } from './run-table.ts'
import { toStoredJson } from './stored-json.ts'

test('the permission ends with the life, also when the same process has taken the run up again', async () => {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  const { clock, timers, random } = realTime
  const runs = openRunTable(database, clock)
  const parts: EngineParts = {
    database,
    clock,
    timers,
    random,
    runs,
    owner: { id: 'us', isGone: () => false },
    fence: () => undefined,
    journal: openJournal(database, clock),
    commits: groupCommit(database),
    nextTurn: openNextTurn(timers),
  }
  runs.add({ runId: 'r', workflow: 'w', version: '1', input: toStoredJson(null, 'x'), owner: 'us' })
  const [over, life] = [new AbortController(), new AbortController()]
  over.abort()
  expect(await heldRun(parts, 'r', life.signal).write(() => 'written')).toBe('written')
  await expect(heldRun(parts, 'r', over.signal).write(() => 'written')).rejects.toThrow(RunLost)
  runs.release('us')
  await expect(heldRun(parts, 'r', life.signal).write(() => 'written')).rejects.toThrow(RunLost)
  database.close()
})
