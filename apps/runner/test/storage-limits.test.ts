// T-MT-12: what a run may store is bounded, not advisory (spec 08 section 11).
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openArtifactStore } from '@ctxlock/artifact-store'
import { expect, test } from 'vitest'

import { openReplyStore } from '../src/executor/reply-store.ts'
import { openRunFiles } from '../src/executor/run-files.ts'
import { openStorageMeter } from '../src/executor/storage-limits.ts'
import { createStateFiles } from '../src/environment/state-files.ts'
import { startJob } from '../src/run/job.ts'
import { openedSession } from './support/governed-calls.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const EXHAUSTED = expect.objectContaining({ code: 'resource_exhausted' })
const LABEL = { kind: 'report', classification: 'medium' } as const
const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)

test('artifacts: all of a run together, over its processes, each content once', () => {
  using database = new DatabaseSync(':memory:')
  const files = createStateFiles(makeWorkspace({}))
  const store = openArtifactStore({ database, files, clock: { now: () => 0 } })
  const first = openStorageMeter(database, 'run', 100)
  const limited = first.within(store)
  limited.put(bytes(60, 1), LABEL)
  expect(() => limited.put(bytes(41, 2), LABEL)).toThrow(EXHAUSTED)
  limited.put(bytes(30, 3), LABEL)
  first.save()

  const again = openStorageMeter(database, 'run', 100).within(store)
  expect(() => again.put(bytes(11, 4), LABEL)).toThrow(EXHAUSTED)
  expect(again.put(bytes(10, 5), LABEL).size_bytes).toBe(10)
  openStorageMeter(database, 'other', 100).within(store).put(bytes(100, 6), LABEL)
})

test('the ledger: a line that would make it too long is not written', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  const session = await openedSession(cwd)
  try {
    const folder = join(session.state.folder, 'runs', 'run')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'ledger.jsonl'), '')
    const { fence } = startJob(session, 'a'.repeat(64), ['run'])
    const run = openRunFiles(session, 'run', openReplyStore(session.state.database), fence)
    truncateSync(join(folder, 'ledger.jsonl'), 50 * 1_048_576)
    expect(() => run.begin('MT-001_iter-001', 'a'.repeat(64))).toThrow(EXHAUSTED)
  } finally {
    await session.close()
  }
})
