// What programs read of the commands, and who may read the files they write.
import { statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

test('every key of an answer is written in one way, and evidence is for whoever made it to hand out', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const folder = temporaryFolder()
  const answers = [
    ['lock'],
    ['ask', 'How is the checksum of a box computed?'],
    ['verify'],
    ['runs'],
    ['status', 'last'],
    ['why', 'last'],
    ['replay', 'last'],
    ['export', 'last', '--output', join(folder, 'bundle')],
    ['report', 'last', '--output', join(folder, 'report')],
    ['prove', 'last', '--output', join(folder, 'proof')],
    ['retention', '--dry-run'],
    ['erase', 'last', '--dry-run'],
  ]
  for (const args of answers) {
    const { code, stdout } = await ctxlockHere([...args, '--json'], root)
    expect([args, code, keysOf(JSON.parse(stdout)).filter((key) => /[A-Z]/.test(key))]).toEqual([args, 0, []])
  }
  const modes = ['bundle', 'report', 'proof'].map((name) => statSync(join(folder, name)).mode & 0o777)
  expect(new Set(modes)).toEqual(new Set([0o600]))
})

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.values(value).flatMap(keysOf)
  return Array.isArray(value) ? within : [...Object.keys(value), ...within]
}
