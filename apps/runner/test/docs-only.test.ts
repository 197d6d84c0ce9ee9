// Without any model everything but calls works: locks, packs, checks, the record and its proofs (SWAP-027, INV-MM-001).
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder, writeFiles } from './support/workspace.ts'

test('a workspace whose providers are gone can be locked, checked, searched, verified and proved; a call is refused by name', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)).code).toBe(0)
  writeFiles(cwd, { 'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', providers: [] }) })

  const proof = join(temporaryFolder(), 'proof')
  const commands = [
    ['lock'],
    ['check'],
    ['diff'],
    ['scan'],
    ['why', join(cwd, 'README.md')],
    ['why', 'last'],
    ['show', 'last', '--json'],
    ['verify'],
    ['prove', '3', '--output', proof],
    ['runs'],
    ['status', 'last'],
    ['providers'],
    ['profile'],
  ]
  for (const args of commands) {
    const { code, stderr } = await ctxlockHere(args, cwd)
    expect([args[0], code], stderr).toEqual([args[0], 0])
  }
  const asked = await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)
  expect([asked.code, asked.error?.code]).toEqual([8, 'CX-MM-001'])
  expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
})
