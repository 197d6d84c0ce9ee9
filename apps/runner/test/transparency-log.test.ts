// The record as evidence on the command line: what is anchored and what is not, and proofs that need no workspace.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test, vi } from 'vitest'

import { Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const ask = async (root: string) =>
  expect((await ctxlockHere(['ask', 'How is the checksum of a box computed?'], root)).code).toBe(0)
const verify = async (root: string, ...options: string[]) => {
  const { code, stdout } = await ctxlockHere(['verify', '--json', ...options], root)
  return { code, report: new Json(JSON.parse(stdout)) }
}

test('one event is proved to whoever has the public key, without a workspace', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  await ask(root)
  const elsewhere = temporaryFolder()
  const file = join(elsewhere, 'third.tlog-proof')
  const proved = await ctxlockHere(['prove', '3', '--output', file, '--json'], root)
  const key = new Json(JSON.parse(proved.stdout)).at('public_key').text
  const newest = await ctxlockHere(['prove', 'last', '--output', `${file}-last`, '--json'], root)
  expect(Number(new Json(JSON.parse(newest.stdout)).at('seq').raw)).toBeGreaterThan(3)
  const keyFile = join(elsewhere, 'log.pub')
  writeFileSync(keyFile, `${key}\n`)

  vi.stubEnv('XDG_CONFIG_HOME', join(elsewhere, 'nothing'))
  for (const given of [key, keyFile]) {
    const checked = await ctxlockHere(['verify-proof', file, '--key', given, '--json'], elsewhere)
    expect(checked.code).toBe(0)
    expect(new Json(JSON.parse(checked.stdout)).at('event', 'seq').raw).toBe(3)
  }
  expect(existsSync(join(elsewhere, '.ctxlock'))).toBe(false)
  expect(existsSync(join(elsewhere, 'nothing'))).toBe(false)

  const proof = readFileSync(file, 'utf8')
  writeFileSync(file, proof.replace('index 2', 'index 3'))
  expect(await ctxlockHere(['verify-proof', file, '--key', key], elsewhere)).toMatchObject({
    code: 7,
    error: { code: 'PROOF_REFUSED' },
  })
  const other = key.replace(/^[^+]+/, 'ctxlock.local/other')
  expect((await ctxlockHere(['verify-proof', file, '--key', other], elsewhere)).stderr).toContain('public key is none')
  vi.unstubAllEnvs()
})

test('an event that is not there, or has no key to check it, is refused with what to do', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  await ask(root)
  expect(await ctxlockHere(['prove', '99'], root)).toMatchObject({ code: 2, error: { code: 'HSK-404-NOT-SIGNED' } })
  expect(await ctxlockHere(['prove', 'nothing'], root)).toMatchObject({ code: 2, error: { code: 'EVENT_UNKNOWN' } })
  vi.stubEnv('XDG_CONFIG_HOME', temporaryFolder())
  expect(await ctxlockHere(['prove', '1'], root)).toMatchObject({ code: 2, error: { code: 'KEY_MISSING' } })
  vi.unstubAllEnvs()
})

test('what only the database says is never called verified, nor what another key signed', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  await ask(root)
  const whole = await verify(root)
  expect([whole.code, whole.report.at('verdict').text]).toEqual([0, 'intact'])
  const key = whole.report.at('public_key').text

  // Another person, who has no key: with the one that was given, it is checked.
  vi.stubEnv('XDG_CONFIG_HOME', temporaryFolder())
  expect((await verify(root)).report.at('verdict').text).toBe('unanchored')
  expect((await ctxlockHere(['verify'], root)).stdout).toContain('intact, not anchored')
  expect((await verify(root, '--key', key)).report.at('verdict').text).toBe('intact')

  // One who has a key of their own makes the next run, and the log goes on under it.
  await ask(root)
  expect((await verify(root)).report.at('verdict').text).toBe('intact')
  const old = await verify(root, '--key', key)
  expect([old.code, old.report.at('anchors', 0, 'state').text]).toEqual([7, 'other_key'])
  vi.unstubAllEnvs()
})

test('a removed end is missing, and no run goes on over it', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  await ask(root)
  const database = new DatabaseSync(join(root, '.ctxlock/state.db'))
  database.exec('DROP TRIGGER flight_event_stays; DELETE FROM flight_event WHERE seq > 8')
  database.exec('DELETE FROM flight_key WHERE seq > 8; DELETE FROM flight_checkpoint')
  database.close()
  const { code, report } = await verify(root)
  expect([code, report.at('ranges').items.at(-1)?.at('state').text]).toEqual([7, 'missing'])
  const next = await ctxlockHere(['ask', 'How is the checksum of a box computed?'], root)
  expect(next.code).not.toBe(0)
})

test('checkpoints are kept as commits too, where the config says so', async () => {
  const config = { schema_version: 'ctxlock.config@1', recorder: { anchors: [{ name: 'git' }] } }
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': JSON.stringify(config) })
  execFileSync('git', ['-C', root, 'init', '-q'])
  await ask(root)
  const { report } = await verify(root)
  expect(report.at('anchors').items.map((anchor) => [anchor.at('anchor').text, anchor.at('state').text])).toEqual([
    ['file', 'signed'],
    ['git', 'signed'],
  ])
  rmSync(join(root, '.ctxlock/log/checkpoint'))
  expect((await verify(root)).report.at('verdict').text).toBe('intact')
})
