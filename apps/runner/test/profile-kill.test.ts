// `ctxlock profile use` killed at each of its commits: config, choice and record never disagree in silence.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { activeProfile } from '@ctxlock/governance'
import { expect, test } from 'vitest'

import { singleModelProfile } from '../src/workspace/default-config.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { live } from './support/killed-runs/life.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const CONFIG = {
  schema_version: 'ctxlock.config@1',
  profiles: ['A', 'B'].map((id) => singleModelProfile(id, 'extractive')),
  active_profile: 'A',
}

/** The profile by the config, by the state, and by the last choice on record. */
async function standing(cwd: string) {
  const session = await openedSession(cwd)
  const config: typeof CONFIG = JSON.parse(readFileSync(join(cwd, 'ctxlock.config.json'), 'utf8'))
  const chosen = recorded(session, 'work_profile_selected').at(-1)?.payload.profile_id
  const state = activeProfile(session.state.database)?.profile_id
  await session.close()
  return { config: config.active_profile, state, chosen }
}

test.each([
  // The config is replaced within the transaction: it is the one thing that a kill can leave ahead.
  [1, 'before', { config: 'B', state: 'A', chosen: 'A' }],
  [1, 'after', { config: 'B', state: 'B', chosen: 'B' }],
  [2, 'before', { config: 'B', state: 'B', chosen: 'B' }],
  [2, 'after', { config: 'B', state: 'B', chosen: 'B' }],
] as const)('killed at commit %d, %s', async (atCommit, when, left) => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(CONFIG) })
  expect((await ctxlockHere(['profile', 'use', 'A'], cwd)).code).toBe(0)
  expect((await live(cwd, ['profile', 'use', 'B'], { atCommit, when })).wasKilled).toBe(true)

  expect(await standing(cwd)).toEqual(left)
  const asked = await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)
  expect(asked.error?.code).toBe(left.state === 'B' ? undefined : 'PROFILE_DISAGREES')
  expect((await ctxlockHere(['profile', 'use', 'B'], cwd)).code).toBe(0)
  expect(await standing(cwd)).toEqual({ config: 'B', state: 'B', chosen: 'B' })
  expect((await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)).code).toBe(0)
  expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
})
