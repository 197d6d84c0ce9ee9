// Two agents that call models share nothing but what the workspace holds, and a verifier shows what it rests on (ACE-075, ACE-076).
import { join } from 'node:path'

import { ContextSnapshot } from '@ctxlock/contracts/context'
import { FlightEvent } from '@ctxlock/contracts/events'
import { expect, onTestFinished, test, vi } from 'vitest'

import { questionSubject } from '../src/run/question-subject.ts'
import { readRecord } from '../src/session/stored-records.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'
const QUOTED = 'README.md:7-7\n> A checksum is computed over the raw bytes of a box.\n\nIt is.'
const VERIFIER = { role_id: 'reviewer', runtime_role: 'validator' } as const

test('T-ACE-MIN-06: planner and verifier have each a context, snapshot, job and session of their own, and no message in common', async () => {
  const server = await startChatServer({ reply: () => `The plan is canary-4711.\n\n${QUOTED}` })
  const roles = [{ role_id: 'planner', runtime_role: 'orchestrator' } as const, VERIFIER]
  const config = serverConfig(server.url, { roles })
  const session = await openedSession(makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config }))
  const subject = questionSubject(QUESTION, ['README.md'], session.config)
  const calls = []
  for (const role of roles) calls.push(await callIn(session, { ...subject, role }))

  const snapshots = calls.map(({ ids }) =>
    readRecord(session, session.calls.find(ids.callId).context_snapshot, ContextSnapshot),
  )
  for (const field of ['context_snapshot_id', 'job_id', 'context_pack_binding_id', 'role_pack_hash'] as const)
    expect(new Set(snapshots.map((snapshot) => snapshot[field])).size, field).toBe(2)
  expect(new Set(recorded(session, 'session.created').map(({ payload }) => payload.session_id)).size).toBe(2)
  expect(server.bodies.map((body) => JSON.parse(body.toString('utf8')).messages.length)).toEqual([2, 2])
  expect(String(server.bodies[1])).not.toContain('canary-4711')
})

test('T-ACE-MIN-06: an answer of a verifier that cites nothing is refused, one that cites the sources is taken', async () => {
  const server = await startChatServer({ reply: (body) => (body.includes('raw') ? QUOTED : 'It is.') })
  const config = serverConfig(server.url, { roles: [VERIFIER] })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'bare.md': 'Nothing.\n', 'ctxlock.config.json': config })
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-calls-0123456789')
  onTestFinished(() => void vi.unstubAllEnvs())
  const bare = await ctxlockHere(['ask', 'What is bare?', '--file', 'bare.md'], cwd)
  expect([bare.code, bare.stdout], bare.stderr).toEqual([7, expect.stringContaining('quotations none')])
  expect((await ctxlockHere(['ask', QUESTION, '--file', 'README.md'], cwd)).code).toBe(0)
})

test('T-ACE-MIN-06: an attempt of a verifier that cites nothing is a false completion', async () => {
  const server = await startOllamaServer(['small:1b'], (_, number) => (number === 1 ? 'It is.' : QUOTED))
  const task = {
    schema_version: 'ctxlock.task@1',
    goal: QUESTION,
    scope: ['README.md', 'src/'],
    done: ['It is said.'],
    expected_output: 'structured_answer',
  }
  const config = { ...JSON.parse(ollamaConfig(server.url, ['small:1b'])), roles: [VERIFIER] }
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'task.json': JSON.stringify(task),
    'ctxlock.config.json': JSON.stringify(config),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(0)
  const session = await openedSession(cwd)
  expect(recorded(session, 'micro_task_iteration_complete').map(({ payload }) => payload)).toMatchObject([
    { decision: 'retry', outcome: { validation_passed: false, failure_category: 'incomplete_implementation' } },
    { decision: 'complete', outcome: { validation_passed: true } },
  ])
})

test('T-ACE-MIN-10: the events of a call, read back, say all that made its context and hold none of its text', async () => {
  const server = await startChatServer({ reply: () => QUOTED })
  const config = serverConfig(server.url, { policy: { determinism_mode: 'replay' } })
  const session = await openedSession(makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config }))
  await callIn(session, questionSubject(QUESTION, [], session.config))
  const [report] = recorded(session, 'ace_call_report')
  expect(FlightEvent.parse(report)).toEqual(report)
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/)
  const record = { id: expect.stringMatching(/^[0-9a-f-]{36}$/), hash }
  expect(report?.payload).toMatchObject({
    scope_inputs_hash: hash,
    determinism_mode: 'replay',
    candidate_ids_hash: hash,
    candidate_count: expect.any(Number),
    candidate_list_ref: hash,
    selected_ids: expect.arrayContaining([expect.stringMatching(/^[0-9a-f]{32}$/)]),
    selected_hashes: expect.arrayContaining([hash]),
    truncation_flags: expect.any(Array),
    compaction: { applied: false },
    prompt_envelope_hashes: { stable_prefix_hash: hash, variable_suffix_hash: hash, full_prompt_hash: hash },
    snapshot_hash: hash,
    artifact_handle_ids: expect.arrayContaining([record.id]),
    query_plan: record,
    normalized_query_hash: hash,
    retrieval_trace: record,
    cache_markers: expect.arrayContaining([{ stage: 'retrieval_candidates', hit: false }]),
    rerank: { used: false, method: 'none', inputs_hash: hash, outputs_hash: hash },
    diversity: { used: false, method: 'none' },
    per_source_caps: [],
    drift_flags: [],
    degraded: false,
  })
  expect(JSON.stringify(report)).not.toMatch(/checksum|raw bytes/)
})
