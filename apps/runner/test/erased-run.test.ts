// What a run leaves beside the log goes with it: files, worktrees, what people were asked and answered. Killed anywhere, the next start ends it.
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { judgeRecord, openStateFolder } from '@ctxlock/log-verifier'
import { beforeEach, expect, test, vi } from 'vitest'

import { retentionScope } from '../src/erasure/retention-scope.ts'
import { openSession } from '../src/session/session.ts'
import { BROKEN, escalatingWorkspace, TASK } from './support/escalating-workspace.ts'
import { ctxlockHere } from './support/in-process.ts'
import { live } from './support/killed-runs/life.ts'
import { stateRows } from './support/recorded.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE } from './support/workspace.ts'

const MARKER = 'zebra-4821'
const ABANDONED = '0190a3b2-0000-4000-8000-000000000000'

beforeEach(() => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  return () => vi.unstubAllEnvs()
})

async function json(args: readonly string[], cwd: string) {
  const { stdout, stderr } = await ctxlockHere([...args, '--json'], cwd)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

const filesWith = (cwd: string, text: string) =>
  readTree(join(cwd, '.ctxlock')).flatMap(({ path, bytes }) => (bytes.includes(text) ? [path] : []))

function rowsIn(cwd: string, tables: readonly string[]) {
  return tables.map((table) => stateRows(cwd, `SELECT 1 FROM ${table}`).length)
}

/** A run that asked for a cloud call, was denied it with a reason, and failed; the marker is in its task, its answers and that reason. */
async function deniedRun() {
  const { cwd } = await escalatingWorkspace({ says: () => `${BROKEN} ${MARKER}` })
  const task = join(makeWorkspace({}), 'task.json')
  writeFileSync(task, JSON.stringify({ ...TASK, goal: `Explain ${MARKER}.`, steps: [{ name: 'one', goal: MARKER }] }))
  await ctxlockHere(['run', task], cwd)
  const [{ request_id: request, run_id: runId }] = (await json(['consent', 'list'], cwd)).requests
  expect((await ctxlockHere(['consent', 'deny', request, '--reason', `about ${MARKER}`], cwd)).code).toBe(0)
  await ctxlockHere(['resume', runId], cwd)
  await ctxlockHere(['abort', runId], cwd)
  return { cwd, runId, task }
}

test('files, worktrees and consents of a run are erased with it', async () => {
  const { cwd, runId } = await deniedRun()
  const left = join(cwd, '.ctxlock', 'worktrees', ABANDONED)
  mkdirSync(left, { recursive: true })
  writeFileSync(join(left, 'answer.md'), MARKER)
  const consents = ['consent_request', 'consent_receipt', 'consent_use', 'engine_run', 'runner_model_session']
  expect(rowsIn(cwd, consents)).toEqual([1, 1, 0, 2, 3])
  expect(existsSync(join(cwd, '.ctxlock', 'runs', runId, 'ledger.jsonl'))).toBe(true)

  const plan = await json(['erase', runId, '--bodies', '--dry-run'], cwd)
  await json(['erase', runId, '--bodies', '--reason', 'a wish', '--yes', plan.plan_hash], cwd)

  expect(filesWith(cwd, MARKER)).toEqual([])
  expect(rowsIn(cwd, consents)).toEqual([0, 0, 0, 0, 0])
  expect([existsSync(left), existsSync(join(cwd, '.ctxlock', 'runs', runId))]).toEqual([false, false])
  expect(await json(['verify'], cwd)).toMatchObject({ ok: true, verdict: 'intact', receipts: { problems: [] } })
}, 60_000)

test('a request that waits keeps what it shows, although an erased run had asked for the same', async () => {
  const { cwd, runId, task } = await deniedRun()
  const plan = await json(['erase', runId, '--dry-run'], cwd)
  await json(['erase', runId, '--reason', 'a wish', '--yes', plan.plan_hash], cwd)
  await ctxlockHere(['run', task], cwd)
  expect((await ctxlockHere(['erase'], cwd)).code).toBe(0)

  const [{ request_id: request, run_id: waiting, plan: asked }] = (await json(['consent', 'list'], cwd)).requests
  expect(plan.objects).toContain(manifestOf(cwd, request))
  expect((await ctxlockHere(['consent', 'approve', request, '--hash', asked.payload_sha256], cwd)).code).toBe(0)
  expect((await ctxlockHere(['resume', waiting], cwd)).code).toBe(0)
  expect(await json(['verify'], cwd)).toMatchObject({ ok: true, verdict: 'intact' })
}, 60_000)

function manifestOf(cwd: string, request: string): unknown {
  const sql = "SELECT content ->> '$.request_manifest' AS manifest FROM consent_request WHERE request_id = ?"
  return stateRows(cwd, sql, request)[0]?.['manifest']
}

test('one call of a task is erased with its answer and its consent; the others, and the run, stay', async () => {
  const { cwd } = await escalatingWorkspace({ far: { reply: () => `A ${MARKER} sum.` } })
  await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  const [{ request_id: request, run_id: runId, plan: asked }] = (await json(['consent', 'list'], cwd)).requests
  await ctxlockHere(['consent', 'approve', request, '--hash', asked.payload_sha256], cwd)
  expect((await ctxlockHere(['resume', runId], cwd)).code).toBe(0)
  const consents = ['consent_request', 'consent_receipt', 'consent_use']
  const eraseLast = async (...how: readonly string[]) => {
    const plan = await json(['erase', 'last', ...how, '--dry-run'], cwd)
    expect([plan.calls.length, plan.run_ids]).toEqual([1, []])
    await json(['erase', plan.calls[0], ...how, '--reason', 'a wish', '--yes', plan.plan_hash], cwd)
  }

  await eraseLast()
  expect(filesWith(cwd, MARKER)).toEqual([])
  expect(rowsIn(cwd, consents)).toEqual([1, 1, 1])
  expect(await json(['verify'], cwd)).toMatchObject({ ok: true, calls: { checked: 2, erased: 1, problems: [] } })

  await eraseLast('--bodies')
  expect(rowsIn(cwd, consents)).toEqual([0, 0, 0])
  expect(await json(['verify'], cwd)).toMatchObject({ ok: true, receipts: { checked: 0 } })
  expect((await ctxlockHere(['status', runId], cwd)).stdout).toContain('completed')
  expect(await json(['show', 'last'], cwd)).toMatchObject({ ok: true })
}, 60_000)

test('a run whose first process was killed is erased, and is old, like any other', async () => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE })
  expect(await live(cwd, ['ask', `Is ${MARKER} a checksum?`], { atCommit: 20, when: 'before' })).toMatchObject({
    wasKilled: true,
  })
  const { error } = await ctxlockHere(['erase', 'last', '--reason', 'a wish', '--yes', '0'.repeat(8)], cwd)
  expect(error?.code).toMatch(/RUN_OPEN|ERASURE_UNKNOWN/)
  expect((await ctxlockHere(['resume', 'last'], cwd)).code).toBe(0)
  const session = await openSession({ root: cwd, variables: process.env })
  const scope = retentionScope(session, session.environment.clock.now() + 900 * 86_400_000)
  await session.close()

  const payload = await json(['erase', 'last', '--dry-run'], cwd)
  expect(scope).toMatchObject({ calls: payload.calls, runIds: expect.arrayContaining(payload.run_ids) })
  await json(['erase', payload.calls[0], '--reason', 'a wish', '--yes', payload.plan_hash], cwd)
  expect(filesWith(cwd, MARKER)).toEqual([])
  const bodies = await json(['erase', payload.calls[0], '--bodies', '--dry-run'], cwd)
  expect(bodies.events).not.toEqual([])
  await json(['erase', payload.calls[0], '--bodies', '--reason', 'a wish', '--yes', bodies.plan_hash], cwd)
  expect(await standing(cwd)).toMatchObject({ ok: true, isThere: false })
}, 60_000)

test('nothing is removed through a link', async () => {
  const { cwd, runId } = await deniedRun()
  const [runs, elsewhere] = [join(cwd, '.ctxlock', 'runs'), makeWorkspace({ [`${runId}/mine.txt`]: 'mine' })]
  rmSync(runs, { recursive: true })
  symlinkSync(elsewhere, runs)
  const plan = await json(['erase', runId, '--dry-run'], cwd)
  const refused = await ctxlockHere(['erase', runId, '--reason', 'a wish', '--yes', plan.plan_hash], cwd)
  expect([refused.code, existsSync(join(elsewhere, runId, 'mine.txt'))]).toEqual([8, true])
  expect(refused.error?.code).toBe('STATE_LINKED')
}, 60_000)

/** What `verify` and the second verifier say together, and whether the words are anywhere in the state. */
async function standing(cwd: string) {
  const report = await json(['verify'], cwd)
  const { record, kept } = openStateFolder(join(cwd, '.ctxlock'))
  const second = await judgeRecord(record, report.public_key, kept === undefined ? [] : [kept])
  expect([second.verdict, second.ranges]).toEqual([report.verdict, report.ranges])
  return {
    ok: report.ok,
    isOpen: report.erasure_open,
    isThere: filesWith(cwd, MARKER).length > 0,
    waiting: report.erasures.waiting,
  }
}

test('killed at each of its commits: the order stands or does not, and the next start ends what was ordered', async () => {
  const root = makeWorkspace({ ...SMALL_WORKSPACE })
  await ctxlockHere(['ask', `Is ${MARKER} a checksum?`], root)
  const dry = await json(['erase', 'last', '--bodies', '--dry-run'], root)
  const args = ['erase', dry.calls[0], '--bodies', '--reason', 'a wish', '--yes', dry.plan_hash]
  const cwd = join(makeWorkspace({}), 'copy')
  const outcomes = new Set<string>()
  /** Kills one process, looks at what it left, and lets the next command go on from there. */
  async function killedAt(atCommit: number, when: 'before' | 'after') {
    cpSync(root, cwd, { recursive: true })
    const { wasKilled } = await live(cwd, args, { atCommit, when })
    const left = await standing(cwd)
    if (left.isOpen) expect((await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)).code).toBe(0)
    const next = await standing(cwd)
    expect(next, `${when} commit ${atCommit}`).toMatchObject({ ok: true, isOpen: false, waiting: 0 })
    const words = (isThere: boolean) => (isThere ? 'there' : 'gone')
    outcomes.add(`${left.isOpen ? 'open' : 'closed'}: ${words(left.isThere)}, then ${words(next.isThere)}`)
    rmSync(cwd, { recursive: true })
    return { wasKilled, ...left }
  }

  for (let [atCommit, isThrough] = [1, false]; !isThrough; atCommit += 1) {
    const { wasKilled, isOpen } = await killedAt(atCommit, 'before')
    if (isOpen) await killedAt(atCommit, 'after')
    isThrough = !wasKilled
  }
  expect([...outcomes]).toEqual(
    expect.arrayContaining(['closed: there, then there', 'open: there, then gone', 'closed: gone, then gone']),
  )
}, 180_000)
