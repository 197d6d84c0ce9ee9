// What is on disk when the process or the machine dies in the middle of a call (REC-013): a process that is killed loses nothing,
// a power cut at most what nothing outside depended on. decisions/0033 says which commits wait for the disk.
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { queryEvents, verifyLog } from '@ctxlock/flight-recorder'
import { readLedger } from '@ctxlock/micro-task'
import { expect, test, vi } from 'vitest'

import { readLedgerFile } from '../src/executor/run-files.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { callIn, openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'
const ENV = { CTXLOCK_TEST_KEY: 'sk-test-calls-0123456789' }
const BEFORE_THE_CALL = [
  'work_profile_resolved',
  'micro_task_iteration_started',
  'context_pack_bound',
  'session.created',
  'context_pack_built',
  'context_pack_built',
  'ace_call_report',
  'call_intent',
  'session.state_change',
]

test('a process that is killed while the model answers has lost nothing of what came before', async () => {
  let kill = (_signal: NodeJS.Signals) => {}
  const server = await startChatServer({ streamed: () => kill('SIGKILL') })
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  const { signal } = await ctxlock(['ask', QUESTION], { cwd: root, env: ENV, onStart: (child) => (kill = child) })
  expect(signal).toBe('SIGKILL')

  const { types } = stateIn(join(root, '.ctxlock'))
  expect(types.filter((type) => !type.startsWith('session_scheduler'))).toEqual(['run_header', ...BEFORE_THE_CALL])
  const verified = await ctxlockJson(['verify'], { cwd: root, env: ENV })
  expect([verified.code, verified.value.at('runs', 0, 'state').text]).toEqual([0, 'incomplete'])
})

test('a power cut at any moment leaves a whole log, and one that knows of every byte that left', async () => {
  const commits: { readonly waits: boolean; readonly journal: number }[] = []
  let commitsAtRequest = Number.NaN
  const server = await startChatServer({
    reply: () => {
      commitsAtRequest = commits.length
      return 'No quotation.'
    },
  })
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  const session = await openedSession(root)
  const journal = join(root, '.ctxlock', 'state.db-wal')
  const stop = observeCommits((waits) => commits.push({ waits, journal: statSync(journal).size }))
  await callIn(session, questionSubject(QUESTION, [], session.config))
  stop()

  expect(commits[commitsAtRequest - 1]?.waits, 'the intent waits for the disk').toBe(true)
  expect(commits.at(-1)?.waits, 'so does what came back').toBe(true)
  expect(commits.filter(({ waits }) => !waits).length, 'other commits do not').toBeGreaterThan(3)

  let known = -1
  for (const [index, { journal: bytes }] of commits.entries()) {
    const { verdict, types } = stateAfterPowerCut(join(root, '.ctxlock'), bytes)
    expect(verdict, `after commit ${index}`).not.toBe('broken')
    expect(types.length).toBeGreaterThanOrEqual(known)
    known = types.length
    // What may be lost while a byte can have left is at most what was committed after the intent.
    if (index >= commitsAtRequest - 1) expect(types.slice(0, BEFORE_THE_CALL.length)).toEqual(BEFORE_THE_CALL)
  }
  expect(stateIn(join(root, '.ctxlock')).types.slice(BEFORE_THE_CALL.length)).toEqual([
    'llm_inference',
    'call_settled',
    'micro_task_iteration_complete',
    'session.state_change',
    'session.completed',
  ])
})

test('after a power cut a run does not ask again for a reply that was stored, though neither step nor ledger says so', async () => {
  const server = await startOllamaServer(['small:1b'], () => 'README.md:1-1\n> # Parcel\n')
  const root = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': ollamaConfig(server.url, ['small:1b']),
    'task.json': JSON.stringify({
      schema_version: 'ctxlock.task@1',
      goal: 'Name the project.',
      scope: ['README.md'],
      files: { read: ['README.md'] },
      done: ['It is named.'],
      expected_output: 'structured_answer',
    }),
  })
  const left = join(temporaryFolder(), 'left')
  const stop = observeCommits((waits) => {
    if (waits && server.requests.length === 1 && !existsSync(left)) cpSync(root, left, { recursive: true })
  })
  expect((await ctxlockHere(['run', join(root, 'task.json')], root)).code).toBe(0)
  stop()
  const [runId = ''] = readdirSync(join(left, '.ctxlock', 'runs'))
  // That the call begins was written, and did not reach the disk.
  truncateSync(join(left, '.ctxlock', 'runs', runId, 'ledger.jsonl'), 0)

  const resumed = await ctxlockHere(['resume', runId], left)
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(server.requests).toHaveLength(1)
  const { records } = readLedger(new TextDecoder().decode(readLedgerFile(join(left, '.ctxlock'), runId)))
  expect(records.map(({ status }) => status)).toEqual(['completed'])
  expect((await ctxlockHere(['verify'], left)).code).toBe(0)
})

/** Tells of every commit of this process, and whether it waited for the disk. */
function observeCommits(onCommit: (waits: boolean) => void): () => void {
  const exec = Reflect.get(DatabaseSync.prototype, 'exec')
  let waits = true
  const spy = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql: string) {
    exec.call(this, sql)
    if (sql.startsWith('PRAGMA synchronous')) waits = sql.endsWith('FULL')
    if (sql === 'COMMIT') onCommit(waits)
  })
  return () => spy.mockRestore()
}

/** The state of a machine that lost everything after the first bytes of the journal. */
function stateAfterPowerCut(folder: string, journalBytes: number) {
  const copy = mkdtempSync(join(tmpdir(), 'ctxlock-power-cut-'))
  try {
    for (const name of ['state.db', 'state.db-wal']) copyFileSync(join(folder, name), join(copy, name))
    truncateSync(join(copy, 'state.db-wal'), journalBytes)
    return stateIn(copy)
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function stateIn(folder: string) {
  const database = new DatabaseSync(join(folder, 'state.db'))
  try {
    const { events } = queryEvents(database, {}, { limit: 1000 })
    return { verdict: verifyLog({ database }).verdict, types: events.map(({ type }) => type) }
  } finally {
    database.close()
  }
}
