// Freshness from the command line: content decides, and every outcome shows in the exit code.
import { readFileSync, statSync, utimesSync, writeFileSync, rmSync, renameSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Session } from '../src/session/session.ts'
import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'

/** Changes one byte and puts the file's times back as they were. */
function changeByteUnderOldTime(path: string): void {
  const { atime, mtime } = statSync(path)
  const bytes = readFileSync(path)
  bytes[bytes.length - 2] = bytes[bytes.length - 2] === 0x2e ? 0x21 : 0x2e
  writeFileSync(path, bytes)
  utimesSync(path, atime, mtime)
}

test('a byte changed under an unchanged mtime is refused by name, with both hashes; touch alone is not', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlock(['lock'], { cwd })).code).toBe(0)
  expect((await ctxlock(['check'], { cwd })).code).toBe(0)

  utimesSync(join(cwd, 'README.md'), 1, 1)
  expect((await ctxlock(['check'], { cwd })).code).toBe(0)

  changeByteUnderOldTime(join(cwd, 'README.md'))
  const { code, value } = await ctxlockJson(['check'], { cwd })
  expect(code).toBe(3)
  expect(value.at('sources').items).toHaveLength(1)
  const change = value.at('sources', 0)
  expect([change.at('change').text, change.at('path').text]).toEqual(['changed', 'README.md'])
  expect(change.at('old_hash').text).toMatch(/^[0-9a-f]{64}$/)
  expect(change.at('new_hash').text).not.toBe(change.at('old_hash').text)
  const text = await ctxlock(['check'], { cwd })
  expect(text.stdout).toContain(`old ${change.at('old_hash').text}  new ${change.at('new_hash').text}`)
})

test('check names added, removed and renamed sources; our own writes do not trip it', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  await ctxlock(['lock'], { cwd })
  await ctxlock(['ask', QUESTION], { cwd })
  await ctxlock(['lock'], { cwd })
  expect((await ctxlock(['check'], { cwd })).code).toBe(0)

  writeFiles(cwd, { 'src/new.ts': 'export const box = 1\n' })
  rmSync(join(cwd, 'src/depot.ts'))
  renameSync(join(cwd, 'docs-src/transport.md'), join(cwd, 'docs-src/trains.md'))
  const { code, value } = await ctxlockJson(['check'], { cwd })
  expect(code).toBe(3)
  const changes = value.at('sources').items.map((change) => `${change.at('change').text} ${change.at('path').text}`)
  expect(changes.toSorted()).toEqual(['added src/new.ts', 'removed src/depot.ts', 'renamed docs-src/trains.md'])
})

test('diff says what changed in what a model would see', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  await ctxlock(['lock'], { cwd })
  writeFiles(cwd, {
    'src/depot.ts': `${SMALL_WORKSPACE['src/depot.ts']}\nexport function isEmpty(depot: Depot): boolean {\n  return depot.capacity === 0\n}\n`,
  })
  const { code, value } = await ctxlockJson(['diff'], { cwd })
  expect(code).toBe(0)
  const difference = value.at('differences', 0)
  expect(difference.at('path').text).toBe('src/depot.ts')
  expect(JSON.stringify(difference.at('pack', 'added').raw)).toContain('isEmpty')
})

test('the three stale outcomes and a regeneration, each with its exit code', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  const stale = (...flags: readonly string[]) => ctxlockJson(['ask', QUESTION, ...flags], { cwd })
  expect((await stale()).code).toBe(0)
  writeFiles(cwd, { 'src/checksum.ts': SMALL_WORKSPACE['src/checksum.ts'].replace('SHA-256 over', 'SHA-256 of') })

  const fallback = await stale('--no-regenerate', '--stale', 'fallback')
  expect(fallback.code).toBe(0)
  expect(fallback.value.at('summary', 'freshness', 'fallback').raw).toBe(1)
  expect(fallback.value.at('warnings').raw).toContain('context_pack_stale:fallback')

  const degraded = await stale('--no-regenerate', '--require-fresh', '--stale', 'degrade_and_fallback')
  expect(degraded.code).toBe(9)
  expect(degraded.value.at('degraded').raw).toBe(true)
  expect(degraded.value.at('warnings').raw).toContain('context_pack_stale:degrade_and_fallback')

  const failed = await stale('--no-regenerate', '--require-fresh', '--stale', 'fail')
  expect(failed.code).toBe(3)
  expect(failed.value.at('error', 'code').text).toBe('ContextPackStale')

  const regenerated = await stale()
  expect(regenerated.code).toBe(0)
  expect(regenerated.value.at('summary', 'freshness', 'regenerated').raw).toBe(1)
  expect(regenerated.value.at('warnings').raw).toContain('context_pack_stale:regenerated')
  expect((await stale()).value.at('summary', 'freshness', 'regenerated').raw).toBe(0)
})

test('a file that changed back has its earlier pack again, for a lock and for a call (CP-020)', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  const session = await openedSession(cwd)
  const versions = () => [1, 2, 3].map((version) => packed(session, 'src/checksum.ts', version))
  await ctxlockHere(['lock'], cwd)
  const lockfile = readFileSync(join(cwd, 'ctxlock.lock'))
  writeFiles(cwd, { 'src/checksum.ts': SMALL_WORKSPACE['src/checksum.ts'].replace('SHA-256 over', 'SHA-256 of') })
  await ctxlockHere(['lock'], cwd)
  const before = versions()
  expect(before).toEqual([1, 1, 0])
  writeFiles(cwd, { 'src/checksum.ts': SMALL_WORKSPACE['src/checksum.ts'] })
  const events = recorded(session, 'context_pack_refreshed').length
  await ctxlockHere(['lock'], cwd)
  expect(readFileSync(join(cwd, 'ctxlock.lock')).equals(lockfile)).toBe(true)
  const asked = JSON.parse((await ctxlockHere(['ask', QUESTION, '--json'], cwd)).stdout)
  expect(asked).toMatchObject({ summary: { freshness: { regenerated: 0 } } })
  expect(versions()).toEqual(before)
  expect(recorded(session, 'context_pack_refreshed')).toHaveLength(events)
})

/** How many packs of this version a file has. */
function packed({ state }: Session, path: string, version: number): number {
  const rows = state.database.prepare('SELECT 1 FROM context_pack WHERE source_id = ? AND version = ?')
  return rows.all(`file:${path}`, version).length
}

test('a lockfile that was merged or edited by hand is stale, not half-accepted', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  await ctxlock(['lock'], { cwd })
  const lockfile = readFileSync(join(cwd, 'ctxlock.lock'), 'utf8')
  for (const damaged of [
    lockfile.replace('"size": ', '"size": 1'),
    lockfile.replace(/\n {4}\{ "path": "README.md"[^\n]*/, ''),
    `<<<<<<< ours\n${lockfile}=======\n>>>>>>> theirs\n`,
    lockfile.replaceAll('\n', '\r\n'),
  ]) {
    writeFileSync(join(cwd, 'ctxlock.lock'), damaged)
    const result = await ctxlock(['check'], { cwd })
    expect(result.code, result.stderr).toBe(3)
    expect(result.stderr).toContain('ctxlock lock')
  }
})
