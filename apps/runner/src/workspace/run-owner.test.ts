import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { lookingOwner, openRunOwner } from './run-owner.ts'

const [FIRST, SECOND] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'run-owner-'))))
afterEach(() => rmSync(folder, { recursive: true }))

test('an owner is there until it closes, also for another one of the same process', () => {
  const [first, second] = [openRunOwner(folder, FIRST), openRunOwner(folder, SECOND)]
  expect([first.isGone(FIRST), first.isGone(SECOND), second.isGone(FIRST)]).toEqual([false, false, false])
  second.close()
  expect(first.isGone(SECOND)).toBe(true)
  first.close()
})

test('a killed process is gone at once, a living one is not', async () => {
  const code = `import { openRunOwner } from ${JSON.stringify(import.meta.resolve('./run-owner.ts'))}
    openRunOwner(process.argv[1], '${SECOND}'); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const owner = openRunOwner(folder, FIRST)
  const looking = lookingOwner(folder, FIRST)
  expect([owner.isGone(SECOND), looking.isGone(SECOND)]).toEqual([false, false])
  child.kill('SIGKILL')
  await once(child, 'close')
  // Who only looks leaves the lock where it is.
  expect([looking.isGone(SECOND), existsSync(join(folder, 'owners', `${SECOND}.lock`))]).toEqual([true, true])
  expect(owner.isGone(SECOND)).toBe(true)
  expect(existsSync(join(folder, 'owners', `${SECOND}.lock`))).toBe(false)
  owner.close()
})

test('an id that is none names no file outside of the folder', () => {
  const owner = openRunOwner(folder, FIRST)
  expect(owner.isGone('../../state')).toBe(true)
  owner.close()
})
