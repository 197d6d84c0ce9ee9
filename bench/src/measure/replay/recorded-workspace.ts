import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { recordedCalls, type RecordedCall } from '../../../../apps/runner/src/replay/recorded-call.ts'
import { openReplaySession, type ReplaySession } from '../../../../apps/runner/src/replay/replay-session.ts'
import { optionsOf, overrideConfig } from '../../../../apps/runner/src/run/requested-options.ts'
import { openJobIndex } from '../../../../apps/runner/src/session/job-index.ts'
import { openRunIndex } from '../../../../apps/runner/src/session/run-index.ts'
import { openStoredSession, type StoredSession } from '../../../../apps/runner/src/session/stored-session.ts'
import type { RunRequest } from '../../../../packages/contracts/src/call.ts'
import { PARCEL } from '../sources/parcel.ts'
import { writeFiles } from '../../write-files.ts'

const MAIN = join(import.meta.dirname, '../../../../apps/runner/src/main.ts')

const FILES: Readonly<Record<string, string>> = {
  ...PARCEL,
  'task.json': JSON.stringify({
    schema_version: 'ctxlock.task@1',
    goal: 'How is the checksum of a box computed?',
    scope: ['README.md', 'src/'],
    done: ['It is explained.'],
  }),
}

export interface RecordedWorkspace {
  readonly root: string
  readonly stored: StoredSession
  readonly request: RunRequest
  readonly recordings: readonly RecordedCall[]
  readonly session: ReplaySession
  close(): void
}

/** A workspace with one run of a task on record, opened for replaying it. */
export async function recordedWorkspace(): Promise<RecordedWorkspace> {
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-replay-'))
  writeFiles(root, Object.entries(FILES))
  execFileSync(process.execPath, [MAIN, 'run', 'task.json'], { cwd: root, stdio: 'ignore' })
  const stored = openStoredSession(root, process.env)
  const request = openRunIndex(stored.state.database, stored.artifacts).find('last')
  const recordings = recordedCalls(stored, openJobIndex(stored.state.database).jobsOf(request.run_id))
  const session = await openReplaySession({
    stored,
    variables: process.env,
    request,
    override: overrideConfig(optionsOf(request)),
    at: Date.parse(recordings[0]?.intent.timestamp ?? ''),
  })
  return {
    root,
    stored,
    request,
    recordings,
    session,
    close() {
      stored.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
