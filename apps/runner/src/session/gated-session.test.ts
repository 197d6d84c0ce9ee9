// Every way a session writes is shut once its job is poisoned (VAL-069): a writer that is forgotten here is a hole in the fence.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { openFence, poisonJob } from '@ctxlock/ace-validators/poisoning'
import { buildContextPack } from '@ctxlock/context-pack'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { expect, test } from 'vitest'

import { makeWorkspace } from '../../test/support/workspace.ts'
import { startJob } from '../run/job.ts'
import { gatedSession } from './gated-session.ts'
import { openSession, type Session } from './session.ts'

const uuid = () => crypto.randomUUID()
const REPORT = { kind: 'report', classification: 'medium' } as const

/** What every member of a session writes with. */
function writers(session: Session): Readonly<Record<string, () => unknown>> {
  const { database } = session.state
  const header = {
    actor: 'system',
    trace_id: uuid(),
    fr_event_id: 'FR-EVT-X-NET-001',
    type: 'network_exception_used',
    payload: { provider_id: 'p', host_hash: 'a'.repeat(64), rule: 'allow_private_hosts' },
  } as const
  const end = {
    actor: 'system',
    trace_id: uuid(),
    workflow_run_id: uuid(),
    fr_event_id: 'FR-EVT-X-RUN-002',
    type: 'run_end',
    payload: { outcome: 'completed', exit_code: 0 },
  } as const
  const pack = buildContextPack({
    ...session.packBuilding,
    path: 'a.md',
    reader: session.reader,
    store: { ...session.artifacts, put: (bytes, options) => plain(session).artifacts.put(bytes, options) },
    clock: session.environment.clock,
    tokenCounter: session.counter,
    findReusable: () => undefined,
  })
  return {
    'artifacts.put': () => session.artifacts.put(Buffer.from('small'), REPORT),
    'artifacts.put of a file': () => session.artifacts.put(Buffer.alloc(100_000), REPORT),
    'vault.put': () => session.vault?.put(Buffer.from('payload'), { ttlDays: 1 }),
    'recorder.record': () => session.recorder.record(header),
    'recorder.recordAll': () => session.recorder.recordAll([header]),
    'recorder.recordRunEnd': () => session.recorder.recordRunEnd(end),
    'packCache.put': () => pack.status !== 'not_packed' && session.packCache.put({ record: pack.record }),
    'packCache.forget': () => session.packCache.forget('file:a.md'),
    'modelSessions.put': () =>
      session.modelSessions.put(Object({ session_id: uuid() }), { runId: uuid(), callId: uuid() }),
    'calls.add': () => session.calls.add(uuid(), '0'.repeat(64)),
    'jobs.baselineOf': () => session.jobs.baselineOf(uuid(), session.baseline('local')),
    'jobs.assign': () => session.jobs.assign(uuid(), [uuid()]),
    'runs.add': () =>
      session.runs.add({ schema_version: 'ctxlock.run_request@1', run_id: uuid(), subjects: [], without: [] }),
    'a statement': () => database.prepare('DELETE FROM runner_job').run(),
    'a script': () => database.exec('DELETE FROM runner_job'),
    'state.synced': () => session.state.synced(() => plain(session).artifacts.put(Buffer.from('synced'), REPORT)),
    'state.unsynced': () => session.state.unsynced(() => plain(session).artifacts.put(Buffer.from('unsynced'), REPORT)),
    'state.unsyncedSteps': () => session.state.unsyncedSteps(() => plain(session).calls.add(uuid(), '0'.repeat(64))),
    'a transaction': () => inTransaction(database, () => database.exec('DELETE FROM runner_job')),
  }
}

/** The session a gated one was made of. */
const plain = (session: Session): Session => Object.getPrototypeOf(session)

/** Everything the state holds: rows of every table but the count of late results, and names of files. */
function contents(session: Session): unknown {
  const { database, folder } = session.state
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_fts%'")
    .all()
  const rows = tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${String(name)}"`).all()])
  const withoutCounts = JSON.stringify(rows, (key, value: unknown) => (key === 'late_results' ? undefined : value))
  return [withoutCounts, readdirSync(folder, { recursive: true }).filter((name) => !/-wal$|-shm$/.test(String(name)))]
}

test('once the job is poisoned no member of its session writes anything', async () => {
  const root = makeWorkspace({
    'a.md': '# A\n\nText.\n',
    'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', recorder: { keep_payloads: true } }),
  })
  const session = await openSession({ root, variables: { XDG_CONFIG_HOME: join(root, '.config-home') } })
  try {
    const { jobId, fence } = startJob(session, '0'.repeat(64))
    const gated = gatedSession(session, fence)
    for (const [name, write] of Object.entries(writers(gated))) {
      const before = contents(session)
      expect(write, name).not.toThrow()
      if (name.includes('.')) expect(contents(session), `${name} wrote something`).not.toEqual(before)
    }

    const attempts = Object.entries(writers(gated))
    const found = { guard: 'PromptInjectionGuard', matches: [], policy_profile_id: 'x', context_snapshot_id: null }
    poisonJob(session.state.database, { job_id: jobId, violation_id: uuid(), ...found }, () => {})
    const before = contents(session)
    for (const [name, write] of attempts) expect(write, name).toThrow(expect.objectContaining({ code: 'JOB_POISONED' }))
    expect(contents(session)).toEqual(before)
  } finally {
    await session.close()
  }
})

test('work that the fence let pass is stopped at its next write when the fence is raised meanwhile, and undone', async () => {
  const root = makeWorkspace({ 'a.md': '# A\n' })
  const session = await openSession({ root, variables: { XDG_CONFIG_HOME: join(root, '.config-home') } })
  try {
    const { jobId, fence } = startJob(session, '0'.repeat(64))
    const { signal: _, ...withoutSignal } = openFence(session.state.database, jobId)
    const twice = (gated: Session, between = () => {}) =>
      gated.state.synced(() => {
        gated.artifacts.put(Buffer.from(uuid()), REPORT)
        between()
        gated.artifacts.put(Buffer.from(uuid()), REPORT)
      })
    const count = () => [...session.artifacts.list()].length
    const before = count()
    twice(gatedSession(session, withoutSignal))
    twice(gatedSession(session, fence))
    expect(count()).toBe(before + 4)
    expect(() => twice(gatedSession(session, fence), () => session.nodes.raise(jobId))).toThrow(
      expect.objectContaining({ code: 'JOB_POISONED' }),
    )
    expect(count()).toBe(before + 4)
  } finally {
    await session.close()
  }
})
