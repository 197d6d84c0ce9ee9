import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { ctxlockHere } from '../../test/support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from '../../test/support/workspace.ts'
import { withRuns } from './open-runs.ts'

test('an engine that cannot be opened leaves no lock of an owner and no open database', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  await ctxlockHere(['ask', 'How is the checksum of a box computed?'], cwd)
  const state = join(cwd, '.ctxlock')
  const database = new DatabaseSync(join(state, 'state.db'))
  database.exec('UPDATE engine_schema SET version = 999')
  database.close()
  await expect(withRuns(cwd, async () => expect.unreachable())).rejects.toThrow('999')
  expect(readdirSync(join(state, 'owners'))).toEqual([])
  // The last connection that is closed takes it along.
  expect(existsSync(join(state, 'state.db-wal'))).toBe(false)
})
