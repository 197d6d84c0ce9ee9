import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { vector } from './record-vector.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const run = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })

test('a proof is judged by a key in a file, and wrong arguments say how', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-verifier-'))
  const [proof, key] = [join(folder, 'event.tlog-proof'), join(folder, 'log.pub')]
  writeFileSync(key, `${vector.public_key}\n`)
  writeFileSync(proof, vector.proof)
  const held = run('--proof', proof, '--key', key)
  expect([held.status, JSON.parse(held.stdout).holds]).toEqual([0, true])
  writeFileSync(proof, vector.proof.replace('index 4', 'index 3'))
  expect(run('--proof', proof, '--key', vector.public_key).status).toBe(7)
  expect([run().status, run().stderr.startsWith('log-verifier <state folder>')]).toEqual([2, true])
  for (const [args, said] of [
    [[folder, '--key', key], /Expected a state folder such as \.ctxlock, got .*: it has no state\.db/],
    [['--bundle', join(folder, 'none'), '--key', key], /no such file/],
    [['--proof', proof, '--key', 'no key'], /Expected a public key/],
    [['--nothing'], /Unknown option/],
  ] as const) {
    const { status, stdout, stderr } = run(...args)
    expect([args, status, stdout]).toEqual([args, 2, ''])
    expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/\n\s+at /)
  }
  rmSync(folder, { recursive: true })
})

test('a Node without SQLite checks what is no state folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-verifier-'))
  const proof = join(folder, 'event.tlog-proof')
  writeFileSync(proof, vector.proof)
  const older = (...args: string[]) =>
    spawnSync(process.execPath, ['--no-experimental-sqlite', MAIN, ...args], { encoding: 'utf8' })
  expect(older('--proof', proof, '--key', vector.public_key).status).toBe(0)
  const { status, stderr } = older(folder)
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^log-verifier: .*node:sqlite/)])
  rmSync(folder, { recursive: true })
})

test.each([
  [
    'a value that overflows a stack',
    `INSERT INTO flight_event VALUES (1, '{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}', ''); UPDATE flight_head SET count = 1`,
  ],
  ['a count beyond the numbers', `UPDATE flight_head SET count = 9223372036854775807`],
  ['a row beyond the numbers', `INSERT INTO flight_event VALUES (9223372036854775807, '{}', '')`],
])('a state folder with %s is broken', (_, change) => {
  const folder = mkdtempSync(join(tmpdir(), 'log-verifier-'))
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec(`
    CREATE TABLE flight_event (seq INTEGER PRIMARY KEY, event TEXT, event_hash TEXT);
    CREATE TABLE flight_head (count INTEGER, last_hash TEXT);
    CREATE TABLE flight_tile (level INTEGER, tile INTEGER, hashes BLOB);
    CREATE TABLE flight_checkpoint (size INTEGER, note TEXT);
    INSERT INTO flight_head VALUES (0, '${'0'.repeat(64)}');
    ${change};
  `)
  database.close()
  const { status, stdout } = run(folder)
  expect([status, JSON.parse(stdout).verdict]).toEqual([7, 'broken'])
  rmSync(folder, { recursive: true })
})
