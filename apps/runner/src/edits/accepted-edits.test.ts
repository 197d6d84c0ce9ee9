import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { expect, test } from 'vitest'

import { openedSession } from '../../test/support/governed-calls.ts'
import { makeWorkspace } from '../../test/support/workspace.ts'
import { openEditIndex, type EditIndex } from './accepted-edits.ts'

const [RUN, OTHER] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const

test('what a run changed is remembered until more is added: also when that is undone, and never for another run', async () => {
  const session = await openedSession(makeWorkspace({}))
  const { artifacts, state } = session
  const { database } = state
  const index = openEditIndex(database, artifacts)
  const add = (to: EditIndex, runId: string, mtId: string, path: string) =>
    to.add({
      schema_version: 'ctxlock.accepted_edits@1',
      run_id: runId,
      mt_id: mtId,
      files: [
        {
          path,
          kind: 'create',
          before: null,
          after: artifacts.put(Buffer.from(mtId), { kind: 'file', classification: 'medium' }),
        },
      ],
    })
  const pathsOf = (runId: string) => index.filesOf(runId).map(({ path }) => path)
  const undone = new Error('undone')

  expect(pathsOf(RUN)).toEqual([])
  add(index, RUN, 'MT-001', 'a.ts')
  expect([pathsOf(RUN), pathsOf(OTHER), pathsOf(RUN)]).toEqual([['a.ts'], [], ['a.ts']])
  expect(() =>
    inTransaction(database, () => {
      add(index, RUN, 'MT-002', 'b.ts')
      expect(pathsOf(RUN)).toEqual(['a.ts', 'b.ts'])
      throw undone
    }),
  ).toThrow(undone)
  expect(pathsOf(RUN)).toEqual(['a.ts'])
  add(index, RUN, 'MT-002', 'c.ts')
  expect(pathsOf(RUN)).toEqual(['a.ts', 'c.ts'])
})
