// Patterns of the config that no scan could look for are refused when a session is opened, not by a guard in the middle of a call.
import { expect, test } from 'vitest'

import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

test.each([
  ['an id of the built-in ones', [{ id: 'PI-001', text: 'travel by train' }]],
  [
    'an id twice',
    [
      { id: 'TEAM-1', text: 'travel by train' },
      { id: 'TEAM-1', text: 'travel by boat' },
    ],
  ],
  ['a text of which too little is left', [{ id: 'TEAM-1', text: 'a   b' }]],
])('%s (VAL-040)', async (_, injection_patterns) => {
  const config = { schema_version: 'ctxlock.config@1', policy: { injection_patterns } }
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(config) })
  for (const args of [['lock'], ['ask', 'How is a checksum computed?']]) {
    const { code, error } = await ctxlockHere(args, root)
    expect([code, error?.code]).toEqual([2, 'CONFIG_INVALID'])
    expect(error?.message).toMatch(/`policy\.injection_patterns`.*(PI-001|TEAM-1)/)
  }
})
