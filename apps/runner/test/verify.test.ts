// `verify` names what was done to the record, and calls a killed run incomplete, never tampered and never complete.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { serverConfig, startChatServer } from './support/chat-server.ts'
import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'
const ENV = { CTXLOCK_TEST_KEY: 'sk-test-verify-0123456789' }

async function recordedWorkspace(): Promise<string> {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  for (let call = 0; call < 2; call += 1) expect((await ctxlock(['ask', QUESTION], { cwd })).code).toBe(0)
  return cwd
}

function copyOf(folder: string): string {
  const copy = join(temporaryFolder(), 'copy')
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** The state as somebody with write access to it would open it: without the triggers that keep the log append-only. */
function openUnguarded(cwd: string): DatabaseSync {
  const database = new DatabaseSync(join(cwd, '.ctxlock', 'state.db'))
  const triggers = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'flight_%'")
    .all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER "${String(name)}"`)
  return database
}

function edit(cwd: string, sql: string): void {
  const database = openUnguarded(cwd)
  expect(database.prepare(sql).run().changes).toBe(1)
  database.close()
}

/** A statement by name, and what `verify` has to say after it. */
type Tampering = Readonly<Record<string, readonly [sql: string, expected: RegExp]>>

/** Each is done to a copy of its own. */
async function expectNamed(original: string, tampering: Tampering): Promise<void> {
  for (const [name, [sql, expected]] of Object.entries(tampering)) {
    const cwd = copyOf(original)
    edit(cwd, sql)
    const result = await ctxlock(['verify'], { cwd })
    expect(result.code, `${name}: ${result.stdout}`).toBe(7)
    expect(result.stdout, name).toMatch(expected)
  }
}

test('edited, removed middle, removed last event, edited object: each is named', async () => {
  const original = await recordedWorkspace()
  expect((await ctxlock(['verify'], { cwd: original })).code).toBe(0)
  const tampering: Tampering = {
    'edited event': [
      `UPDATE flight_event SET event = replace(event, '"actor":"system"', '"actor":"human"') WHERE seq = 5`,
      /edited event/,
    ],
    'removed middle event': ['DELETE FROM flight_event WHERE seq = 7', /removed event/],
    'removed last event': ['DELETE FROM flight_event WHERE seq = (SELECT max(seq) FROM flight_event)', /missing/],
    'edited object': [
      `UPDATE artifact_object SET bytes = CAST(replace(CAST(bytes AS TEXT), 'hsk', 'hak') AS BLOB) WHERE content_hash =
       (SELECT content_hash FROM artifact_object WHERE CAST(bytes AS TEXT) LIKE '%hsk.context_snapshot%' LIMIT 1)`,
      /1 edited/,
    ],
  }
  await expectNamed(original, tampering)
})

test('a removed tail is seen even when the head in the database was put back too', async () => {
  const cwd = await recordedWorkspace()
  const database = openUnguarded(cwd)
  database.exec('DELETE FROM flight_event WHERE seq = (SELECT max(seq) FROM flight_event)')
  database.exec(
    'UPDATE flight_head SET count = (SELECT max(seq) FROM flight_event), last_hash = (SELECT event_hash FROM flight_event ORDER BY seq DESC LIMIT 1)',
  )
  database.close()
  const result = await ctxlock(['verify'], { cwd })
  expect(result.code).toBe(7)
  expect(result.stdout).toMatch(/missing/)
})

test('SIGKILL at any moment leaves a record that is incomplete or whole, and usable', async () => {
  const server = await startChatServer({ delayMs: 150 })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  // The moments spread over start, packing, intent, the wait for the server and settling.
  const moments = [200, 350, 450, 550, 650, 750, 850, 950, 1100, 1300]
  const verdicts: string[] = []
  for (const moment of moments) {
    await ctxlock(['ask', QUESTION], { cwd, env: ENV, onStart: (kill) => setTimeout(() => kill('SIGKILL'), moment) })
    const verify = await ctxlockJson(['verify'], { cwd, env: ENV })
    if (verify.value.raw !== null && JSON.stringify(verify.value.raw).includes('NOTHING_RECORDED')) continue
    expect(verify.code, verify.stdout).toBe(0)
    verdicts.push(verify.value.at('verdict').text)
  }
  expect(verdicts).not.toContain('broken')
  const after = await ctxlock(['ask', QUESTION], { cwd, env: ENV })
  expect(after.code, after.stderr).toBe(0)
  const final = await ctxlockJson(['verify'], { cwd, env: ENV })
  const states = final.value.at('runs').items.map((run) => run.at('state').text)
  expect(states.at(-1)).toBe('complete')
  expect(states.filter((state) => state !== 'complete' && state !== 'incomplete')).toEqual([])
})

test('killed between the database and its log: nothing is recorded, nothing is broken, and the next run begins the log', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  mkdirSync(join(cwd, '.ctxlock'))
  // The key is made before the database.
  writeFileSync(join(cwd, '.ctxlock', 'digest.key'), '7'.repeat(64), { mode: 0o600 })
  new DatabaseSync(join(cwd, '.ctxlock', 'state.db')).exec('CREATE TABLE begun (id INTEGER)')
  const verify = await ctxlock(['verify'], { cwd })
  expect(verify.code, verify.stderr).toBe(0)
  expect((await ctxlock(['ask', QUESTION], { cwd })).code).toBe(0)
  expect((await ctxlock(['verify'], { cwd })).code).toBe(0)
})

test('a run that is killed while the server thinks is incomplete with an unsettled call', async () => {
  const server = await startChatServer({ delayMs: 60_000 })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  await ctxlock(['ask', QUESTION], {
    cwd,
    env: ENV,
    onStart: (kill) => {
      const poll = setInterval(() => {
        if (server.bodies.length === 0) return
        clearInterval(poll)
        kill('SIGKILL')
      }, 10)
    },
  })
  const { value, code } = await ctxlockJson(['verify'], { cwd, env: ENV })
  expect(code).toBe(0)
  expect(value.at('verdict').text).toBe('incomplete')
  expect(value.at('runs', 0, 'state').text).toBe('incomplete')
  expect(value.at('runs', 0, 'unsettled_calls').items).toHaveLength(1)
})

test('a call that the index hides, renames or invents is named', async () => {
  const original = await recordedWorkspace()
  const tampering: Tampering = {
    hidden: ['DELETE FROM runner_call WHERE position = 1', /not in index/],
    renamed: [
      'UPDATE runner_call SET record_hash = (SELECT record_hash FROM runner_call WHERE position = 2) WHERE position = 1',
      /index names another record/,
    ],
    invented: [
      "INSERT INTO runner_call (call_id, record_hash) SELECT 'x', record_hash FROM runner_call LIMIT 1",
      /not in log/,
    ],
  }
  await expectNamed(original, tampering)
})

function replaced(path: string, make: (path: string) => unknown): void {
  rmSync(path)
  make(path)
}

test('a state that is gone or no database fails verification, and no run starts over it', async () => {
  const original = await recordedWorkspace()
  const damage: Record<string, [harm: (database: string) => void, code: string]> = {
    gone: [(database) => rmSync(database), 'STATE_MISSING'],
    emptied: [(database) => truncateSync(database), 'STATE_MISSING'],
    'a folder': [(database) => replaced(database, mkdirSync), 'STATE_MISSING'],
    'a FIFO': [(database) => replaced(database, (path) => execFileSync('mkfifo', [path])), 'STATE_MISSING'],
    overwritten: [(database) => writeFileSync(database, 'x'.repeat(8192)), 'STATE_DAMAGED'],
    cut: [(database) => truncateSync(database, 4096 * 3), 'STATE_DAMAGED'],
  }
  for (const [name, [harm, code]] of Object.entries(damage)) {
    const cwd = copyOf(original)
    harm(join(cwd, '.ctxlock', 'state.db'))
    for (const command of [['verify'], ['show', 'last'], ['ask', QUESTION], ['lock']]) {
      const result = await ctxlockHere(command, cwd)
      expect([name, command, result.code, result.error?.code]).toEqual([name, command, 7, code])
    }
    // What is no file must let a process end that asks it first.
    if (name === 'a FIFO') expect((await ctxlock(['lock'], { cwd })).code).toBe(7)
  }
})

test('a state that lacks a table or the head of its log fails verification, and no run goes on over it', async () => {
  const original = await recordedWorkspace()
  const damage = {
    'DROP TABLE flight_event': { verify: 'STATE_DAMAGED', ask: 'STATE_DAMAGED' },
    'DROP TABLE flight_key': { verify: 'STATE_DAMAGED', ask: 'STATE_DAMAGED' },
    'DELETE FROM flight_head': { verify: undefined, ask: 'HSK-409-LOG-DIVERGED' },
  }
  for (const [sql, expected] of Object.entries(damage)) {
    const cwd = copyOf(original)
    const database = openUnguarded(cwd)
    database.exec(sql)
    database.close()
    const verified = await ctxlockJson(['verify'], { cwd })
    expect(verified.code, sql).toBe(7)
    if (expected.verify === undefined) expect(verified.value.at('verdict').text).toBe('broken')
    else expect(verified.value.at('error', 'code').text, sql).toBe(expected.verify)
    const asked = await ctxlockJson(['ask', QUESTION], { cwd })
    expect(asked.code, sql).toBe(7)
    expect(asked.value.at('error', 'code').text, sql).toBe(expected.ask)
  }
})

test('a log that an earlier version wrote is refused by every command, and stays as that version needs it', async () => {
  const cwd = await recordedWorkspace()
  const database = openUnguarded(cwd)
  database.exec(`ALTER TABLE flight_head DROP COLUMN origin; UPDATE flight_head SET version = 1;
    UPDATE artifact_store SET version = 1; ALTER TABLE artifact_object DROP COLUMN kind;
    ALTER TABLE artifact_object DROP COLUMN sensitivity; ALTER TABLE artifact_object DROP COLUMN exportable`)
  for (const command of [['verify'], ['show', 'last'], ['runs'], ['export', 'last'], ['ask', QUESTION], ['erase']]) {
    const { code, error } = await ctxlockHere(command, cwd)
    expect([command, code, error?.code]).toEqual([command, 2, 'HSK-409-LOG-VERSION'])
    expect(error?.message).toContain('rename the state folder')
  }
  expect(database.prepare('SELECT version FROM artifact_store').get()).toEqual({ version: 1 })
  database.close()
})

test('looking makes nothing: a lost key stays lost, and a record that may not be written can be read', async () => {
  const cwd = await recordedWorkspace()
  const sent = (await ctxlock(['show', 'last'], { cwd })).stdoutBytes
  expect(sent.length).toBeGreaterThan(0)
  const state = join(cwd, '.ctxlock')
  chmodSync(join(state, 'state.db'), 0o400)
  chmodSync(state, 0o500)
  try {
    const elsewhere = join(temporaryFolder(), 'report.html')
    for (const look of [['verify'], ['runs'], ['status'], ['doctor'], ['report', 'last', '--output', elsewhere]])
      expect((await ctxlock(look, { cwd })).code, look.join(' ')).toBe(0)
    expect((await ctxlock(['show', 'last'], { cwd })).stdoutBytes.equals(sent)).toBe(true)
    expect(statSync(join(state, 'state.db')).mode & 0o777).toBe(0o400)
  } finally {
    chmodSync(state, 0o700)
  }
  rmSync(join(state, 'digest.key'))
  const result = await ctxlockJson(['show', 'last'], { cwd })
  expect(result.value.at('error', 'code').text).toBe('DIGEST_KEY_UNREADABLE')
  expect(result.code).toBe(7)
  // Nor does a run make another one, with which what was recorded would look altered.
  expect(await ctxlockHere(['ask', QUESTION], cwd)).toMatchObject({ code: 7, error: { code: 'DIGEST_KEY_UNREADABLE' } })
  expect(existsSync(join(state, 'digest.key'))).toBe(false)
})
