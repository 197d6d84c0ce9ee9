import { spawn } from 'node:child_process'
import { rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { ctxlock, MAIN } from './support/ctxlock.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const TIME = 300_000

function start(root: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  return {
    stdout: () => stdout,
    exit: new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code))),
    interrupt: () => child.kill('SIGINT'),
  }
}

test('check --watch names a change, stays silent over a touch, and ends with Ctrl-C', { timeout: TIME }, async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  await ctxlock(['lock'], { cwd: root })
  const watch = start(root, 'check', '--watch')
  await expect.poll(watch.stdout, { timeout: TIME }).toContain('are what the lockfile says')
  const before = watch.stdout()
  utimesSync(join(root, 'README.md'), 1, 1)
  await pause(1500)
  expect(watch.stdout()).toBe(before)
  writeFiles(root, { 'README.md': '# Changed\n' })
  await expect.poll(watch.stdout, { timeout: TIME }).toMatch(/changed +README\.md/)
  expect((await ctxlock(['lock'], { cwd: root })).code).toBe(0)
  await expect.poll(watch.stdout, { timeout: TIME }).toMatch(/changed +README\.md[^]*are what the lockfile says/)
  watch.interrupt()
  expect(await watch.exit).toBe(130)
})

test('lock --watch builds again after a change, and not for its own writes', { timeout: TIME }, async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const watch = start(root, 'lock', '--watch')
  await expect.poll(watch.stdout, { timeout: TIME }).toContain('wrote ctxlock.lock: 4 sources')
  writeFiles(root, { 'src/more.ts': 'export const more = 1\n' })
  await expect.poll(watch.stdout, { timeout: TIME }).toContain('wrote ctxlock.lock: 5 sources')
  await pause(1500)
  expect(watch.stdout().match(/wrote/g)).toHaveLength(2)
  writeFiles(root, { 'ctxlock.config.json': '{' })
  await expect.poll(watch.stdout, { timeout: TIME }).toMatch(/error: the config .*\n {2}Correct the field/)
  rmSync(join(root, 'ctxlock.config.json'))
  await expect.poll(watch.stdout, { timeout: TIME }).toMatch(/error: [^]*wrote ctxlock\.lock: 5 sources/)
  watch.interrupt()
  expect(await watch.exit).toBe(130)
  expect((await ctxlock(['check'], { cwd: root })).code).toBe(0)
})
