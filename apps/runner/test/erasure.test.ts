// Erasing leaves `verify` green and says so; what is erased is gone from every file of the state, and every command says that it is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { judgeRecord, openStateFolder } from '@ctxlock/log-verifier'
import { expect, test } from 'vitest'

import { enforceRetention } from '../src/erasure/enforce-retention.ts'
import { isEmptyPlan, planErasure } from '../src/erasure/erasure-plan.ts'
import { retentionScope } from '../src/erasure/retention-scope.ts'
import { recordedRun } from '../src/run/recorded-run.ts'
import { openSession } from '../src/session/session.ts'
import { recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { stateRows } from './support/recorded.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const MARKER = 'zebra-4821'
const DAY_MS = 86_400_000
const config = (changes: object = {}) =>
  JSON.stringify({ schema_version: 'ctxlock.config@1', recorder: { keep_payloads: true }, ...changes })

function workspace(changes?: object): string {
  return makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config(changes) })
}

async function json(args: readonly string[], cwd: string) {
  const { stdout, code, stderr } = await ctxlockHere([...args, '--json'], cwd)
  return { code, stderr, result: JSON.parse(stdout.trim().split('\n').at(-1) || '{}') }
}

async function ask(cwd: string, question: string): Promise<string> {
  const { code } = await ctxlockHere(['ask', question], cwd)
  expect(code).toBe(0)
  const [newest] = stateRows(cwd, 'SELECT call_id FROM runner_call ORDER BY position DESC')
  return String(newest?.['call_id'])
}

const filesWith = (cwd: string, text: string) =>
  readTree(join(cwd, '.ctxlock')).flatMap(({ path, bytes }) => (bytes.includes(text) ? [path] : []))

async function bothVerifiers(cwd: string) {
  const { code, result } = await json(['verify'], cwd)
  const { record, kept } = openStateFolder(join(cwd, '.ctxlock'))
  const second = await judgeRecord(record, result.public_key, kept === undefined ? [] : [kept])
  expect([second.verdict, second.ranges, second.erased]).toEqual([
    result.verdict,
    result.ranges,
    result.erasures.events,
  ])
  return { code, result }
}

test('a payload, then the texts of its events are erased; only a confirmed plan is, and the other call stays', async () => {
  const cwd = workspace()
  const kept = await ask(cwd, 'How is the checksum of a box computed?')
  const erased = await ask(cwd, `Is ${MARKER} a checksum?`)
  expect(filesWith(cwd, MARKER)).not.toEqual([])

  const plan = (await json(['erase', erased, '--dry-run'], cwd)).result
  expect(plan).toMatchObject({ erased: false, calls: [erased], events: [] })
  expect(plan.vault_objects).toHaveLength(1)
  expect((await json(['erase', erased, '--reason', 'a wish'], cwd)).code).toBe(4)
  expect((await json(['erase', erased, '--reason', 'a wish', '--yes', '0'.repeat(16)], cwd)).code).toBe(4)
  expect((await json(['erase', erased, '--yes', plan.plan_hash], cwd)).code).toBe(2)
  expect(filesWith(cwd, MARKER)).not.toEqual([])

  const done = await json(['erase', erased, '--reason', 'a wish', '--yes', plan.plan_hash.slice(0, 16)], cwd)
  expect(done).toMatchObject({ code: 0, result: { erased: true, overwritten: true } })
  expect(filesWith(cwd, MARKER)).toEqual([])
  const payload = await bothVerifiers(cwd)
  expect(payload).toMatchObject({
    code: 0,
    result: { verdict: 'intact', calls: { checked: 1, erased: 1, problems: [] } },
  })
  expect(payload.result.objects.erased).toBeGreaterThan(5)
  expect((await ctxlockHere(['verify'], cwd)).stdout).toMatch(/objects .* 0 missing, 0 edited, \d+ erased/)

  const bodies = (await json(['erase', erased, '--bodies', '--dry-run'], cwd)).result
  await ctxlockHere(['erase', erased, '--bodies', '--reason', 'a wish', '--yes', bodies.plan_hash], cwd)
  const { result } = await bothVerifiers(cwd)
  expect(result).toMatchObject({ verdict: 'intact', calls: { checked: 1, erased: 1 } })
  expect(result.erasures.events).toBe(
    bodies.events.reduce((sum: number, { from, to }: { from: number; to: number }) => sum + to - from + 1, 0),
  )
  expect(result.ranges.map(({ state }: { state: string }) => state)).toContain('erased')

  const gone = await ctxlockHere(['show', erased], cwd)
  expect([gone.code, gone.error?.code]).toEqual([3, 'PAYLOAD_ERASED'])
  expect(gone.stderr).toMatch(/was erased: ordered at .* by person:.*: a wish/)
  expect((await ctxlockHere(['diff', kept, erased], cwd)).error?.code).toBe('PAYLOAD_ERASED')
  expect((await json(['show', kept], cwd)).code).toBe(0)
  expect((await ctxlockHere(['replay', bodies.run_ids[0]], cwd)).error?.code).toBe('PAYLOAD_ERASED')
  const proof = await ctxlockHere(['prove', String(bodies.events[0].from)], cwd)
  expect(proof).toMatchObject({ code: 3, error: { code: 'HSK-410-ERASED' } })
  expect((await json(['erase', kept, '--dry-run'], cwd)).result.calls).toEqual([kept])
})

const QUESTION = `Is ${MARKER} a checksum?`

async function eraseCall(cwd: string, call: string): Promise<readonly string[]> {
  const { plan_hash, objects } = (await json(['erase', call, '--dry-run'], cwd)).result
  expect((await json(['erase', call, '--reason', 'a wish', '--yes', plan_hash], cwd)).code).toBe(0)
  return objects
}

test('what a later run stored again stays, whatever was erased before, until it is erased itself', async () => {
  const cwd = workspace({ recorder: { keep_payloads: false } })
  await eraseCall(cwd, await ask(cwd, QUESTION))
  expect(filesWith(cwd, MARKER)).toEqual([])
  const again = await ask(cwd, QUESTION)
  for (const command of [['erase'], ['retention']]) {
    expect((await ctxlockHere(command, cwd)).code).toBe(0)
    expect((await json(['show', again], cwd)).code, command[0]).toBe(0)
    expect((await ctxlockHere(['replay', 'last'], cwd)).code, command[0]).toBe(0)
  }
  expect(await bothVerifiers(cwd)).toMatchObject({ code: 0, result: { verdict: 'intact', calls: { erased: 1 } } })

  await eraseCall(cwd, again)
  expect(filesWith(cwd, MARKER)).toEqual([])
  expect(await bothVerifiers(cwd)).toMatchObject({ code: 0, result: { verdict: 'intact', calls: { erased: 2 } } })
})

test('an object that somebody changed holds no order up, and is named', async () => {
  const cwd = workspace({ recorder: { keep_payloads: false } })
  await eraseCall(cwd, await ask(cwd, QUESTION))
  await ask(cwd, QUESTION)
  const database = new DatabaseSync(join(cwd, '.ctxlock', 'state.db'))
  database.exec("UPDATE artifact_object SET bytes = x'00' WHERE CAST(bytes AS TEXT) LIKE '%hsk.context_snapshot%'")
  database.close()
  expect((await ctxlockHere(['erase'], cwd)).code).toBe(0)
  expect((await json(['verify'], cwd)).result.objects).toMatchObject({ missing: [], edited: [expect.any(String)] })
})

test('an order excuses no object that was named after it', async () => {
  const cwd = workspace({ recorder: { keep_payloads: false } })
  const first = await ask(cwd, QUESTION)
  const objects = await eraseCall(cwd, first)
  const second = await ask(cwd, QUESTION)
  const database = new DatabaseSync(join(cwd, '.ctxlock', 'state.db'))
  for (const hash of objects) database.prepare('DELETE FROM artifact_object WHERE content_hash = ?').run(hash)
  database.close()

  const { code, result } = await json(['verify'], cwd)
  expect([code, result.verdict]).toEqual([7, 'broken'])
  expect(result.objects.missing.length).toBeGreaterThan(3)
  expect(objects).toEqual(expect.arrayContaining(result.objects.missing))
  expect(result.objects.erased).toBeGreaterThan(3)
  expect(await leftOut(cwd, second)).toEqual({ missing: result.objects.missing.length })
  expect(await leftOut(cwd, first)).toEqual({ erased: expect.any(Number) })
})

/** Why the bundle of a call's run has no bytes of objects, and of how many. */
async function leftOut(cwd: string, call: string): Promise<Record<string, number>> {
  const sql = "SELECT workflow_run_id AS run FROM flight_key WHERE type = 'call_intent' AND call_id = ?"
  const run = String(stateRows(cwd, sql, call)[0]?.['run'])
  const file = join(temporaryFolder(), 'bundle.jsonl')
  expect((await ctxlockHere(['export', run, '--redact', 'none', '--output', file], cwd)).code).toBe(0)
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const reasons = lines.flatMap(({ kind, left_out }) => (kind === 'object' && left_out !== undefined ? [left_out] : []))
  return Object.fromEntries([...Map.groupBy(reasons, String)].map(([reason, all]) => [reason, all.length]))
}

test('what two runs share goes with the second', async () => {
  const cwd = workspace({ recorder: { keep_payloads: false } })
  const [first, second] = [await ask(cwd, QUESTION), await ask(cwd, QUESTION)]
  await eraseCall(cwd, first)
  expect((await json(['show', second], cwd)).code).toBe(0)
  await eraseCall(cwd, second)
  expect(filesWith(cwd, MARKER)).toEqual([])
  expect((await bothVerifiers(cwd)).code).toBe(0)
})

test('a call without its records, or with other ones, is wrong as long as no order names it', async () => {
  const cwd = workspace()
  await ask(cwd, 'How is the checksum of a box computed?')
  const database = new DatabaseSync(join(cwd, '.ctxlock', 'state.db'))
  database.exec(
    "DELETE FROM artifact_object WHERE CAST(bytes AS TEXT) LIKE '%hsk.context_snapshot%'; DELETE FROM runner_call",
  )
  database.close()
  expect((await json(['verify'], cwd)).result).toMatchObject({
    ok: false,
    objects: { erased: 0, missing: [expect.any(String)] },
    calls: { erased: 0, problems: [{ problem: 'not_in_index' }] },
  })
})

test('T-X-REC-06: retention erases what ended before, never below the floor of a profile, and sums it up', async () => {
  const floor = (days?: number) => ({
    profiles: [
      {
        schema_version: 'hsk.work_profile@0.6',
        profile_id: 'kept',
        name: 'kept',
        model_assignments: Object.fromEntries(
          ['frontend', 'orchestrator', 'worker', 'validator'].map((role) => [
            role,
            { primary_model_id: 'extractive', local_only: true },
          ]),
        ),
        governance: {
          automation_level: 'HYBRID',
          allow_cloud_escalation: false,
          ...(days !== undefined && { retention_floor_days: days }),
        },
      },
    ],
    recorder: { retention_days: 30 },
  })
  const cwd = workspace(floor(90))
  await ask(cwd, `Is ${MARKER} a checksum?`)
  expect((await json(['retention'], cwd)).result).toMatchObject({ ok: true, purged: 0 })

  const session = await openSession({ root: cwd, variables: process.env })
  try {
    const now = session.environment.clock.now()
    const planAt = (days: number) => planErasure(session, retentionScope(session, now + days * DAY_MS), true)
    expect(isEmptyPlan(planAt(29))).toBe(true)
    expect(isEmptyPlan(planAt(89))).toBe(true)
    const plan = planAt(91)
    const { olderThan } = retentionScope(session, now + 91 * DAY_MS)
    let purged = 0
    await recordedRun(session, 'retention', async ({ runId }) => {
      purged = await enforceRetention(session, plan, olderThan, runId)
      return 0
    })
    expect(purged).toBe(plan.events.reduce((sum, { from, to }) => sum + to - from + 1, 0))
    // What a run's end is counted by stays, and the summary says so.
    expect(plan.spared).toBeGreaterThan(1)
    expect(recorded(session, 'meta.gc_summary').map(({ payload }) => payload)).toMatchObject([
      { pruned: plan.objects.length, spared_pinned: plan.spared },
    ])
  } finally {
    await session.close()
  }
  expect(filesWith(cwd, MARKER)).toEqual([])
  expect(await bothVerifiers(cwd)).toMatchObject({ code: 0, result: { verdict: 'intact', calls: { checked: 0 } } })
})

test('T-X-REC-06: a run that waits or was interrupted is neither erased nor old', async () => {
  const cwd = workspace({ recorder: { retention_days: 1 } })
  const call = await ask(cwd, 'How is the checksum of a box computed?')
  const database = new DatabaseSync(join(cwd, '.ctxlock', 'state.db'))
  database.exec("UPDATE ace_jobs SET state = 'awaiting_user'")
  database.close()
  expect((await ctxlockHere(['erase', call, '--reason', 'w', '--yes', '0'.repeat(8)], cwd)).error?.code).toBe(
    'RUN_OPEN',
  )
  const session = await openSession({ root: cwd, variables: process.env })
  const scope = retentionScope(session, session.environment.clock.now() + 900 * DAY_MS)
  await session.close()
  // Only runs without a job of their own.
  expect(scope.calls).toEqual([])
})
