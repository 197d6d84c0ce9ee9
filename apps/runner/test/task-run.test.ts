// A task with the embedded provider, end to end: no model, no network, and every quotation stands in the bytes on disk.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ContextSnapshot } from '@ctxlock/contracts/context'
import { MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import { ProgressArtifact } from '@ctxlock/contracts/micro-task-run'
import { isProgress, progressJson } from '@ctxlock/contracts/progress'
import { canonicalHash, canonicalize } from '@ctxlock/core-hash'
import { queryEvents } from '@ctxlock/flight-recorder'
import { parseStatusLine } from '@ctxlock/micro-task'
import { afterEach, expect, test, vi } from 'vitest'

import { readProgress } from '../src/executor/run-files.ts'
import { readRecord } from '../src/session/stored-records.ts'
import { openStoredSession } from '../src/session/stored-session.ts'
import { closedPort } from './support/closed-port.ts'
import { escalatingWorkspace, FAR } from './support/escalating-workspace.ts'
import { openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const TASK = {
  schema_version: 'ctxlock.task@1',
  wp_id: 'WP-7',
  goal: 'Explain how boxes are checked and stored.',
  scope: ['src/', 'docs-src/', 'README.md'],
  done: ['It is explained.'],
  expected_output: 'structured_answer',
  steps: [
    { name: 'together', goal: 'How do depots accept boxes?', depends_on: ['checksum', 'depot'] },
    { name: 'checksum', goal: 'How is the checksum of a box computed?', depends_on: [] },
    { name: 'depot', goal: 'When does a depot have room?', depends_on: ['checksum'] },
  ],
}

test('three dependent micro-tasks complete in the order of their waves, with checked quotations', async () => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(TASK) })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(0)
  const lines = run.stdout.split('\n')
  expect(lines.flatMap((line) => /^iteration {2}(\S+) .*: (complete)$/.exec(line)?.slice(1) ?? [])).toEqual(
    ['MT-002', 'MT-003', 'MT-001'].flatMap((id) => [id, 'complete']),
  )
  expect(lines.filter((line) => /^ {2}(?:verified|repaired) /.test(line)).length).toBeGreaterThan(2)
  expect(lines.filter((line) => /^ {2}(?:not found|missing)/.test(line))).toEqual([])

  // T-MT-13: one status line for each change, whole and in its form.
  const statuses = lines.filter((line) => line.startsWith('HSK_STATUS'))
  expect(statuses.map((line) => parseStatusLine(line)?.['mt'])).toEqual(['MT-002', 'MT-003', 'MT-001', 'NONE', 'NONE'])
  expect(await statusEvents(cwd)).toEqual(statuses.map(parseStatusLine))
  expect(parseStatusLine(statuses.at(-1) ?? '')).toMatchObject({ wp: 'WP-7', phase: 'DONE', state: 'DONE' })

  const id = /^run +(\S+)$/m.exec(run.stdout)?.[1] ?? ''
  const progress = readProgress(join(cwd, '.ctxlock'), id)
  expect(ProgressArtifact.safeParse(progress).success).toBe(true)
  expect(progress?.aggregate_stats).toMatchObject({ completed_mts: 3, total_iterations: 3, success_rate_level_0: 1 })
  expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)

  // T-MT-06: from each iteration the log leads to its call and what was sent, each recorded in its turn (REC-006, MT-011).
  expect(await iterationTraces(cwd)).toEqual(
    ['MT-002', 'MT-003', 'MT-001'].map((mt_id) => ({
      mt_id,
      snapshot: 'of this call',
      order: ITERATION,
    })),
  )

  // MT-002: the run works off one artifact, which says what it was made from; the log names it.
  const shown = JSON.parse((await ctxlockHere(['show', id, '--definitions', '--json'], cwd)).stdout)
  expect(MicroTaskDefinitions.parse(shown.definitions)).toMatchObject({
    packet_hash: canonicalHash(TASK),
    definitions: [{ name: 'together' }, { name: 'checksum' }, { name: 'depot' }],
  })
  expect(shown.definitions_hash).toBe(canonicalHash(shown.definitions))
  expect((await ctxlockHere(['ask', 'How is the checksum computed?'], cwd)).code).toBe(0)
  expect((await ctxlockHere(['show', 'last', '--definitions'], cwd)).error?.code).toBe('DEFINITIONS_MISSING')
})

test('an answer that was cut off at its longest length completes nothing, and a question says so', async () => {
  const task = { ...TASK, steps: [TASK.steps[1]] }
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(task) })
  const run = await ctxlockHere(['run', join(cwd, 'task.json'), '--max-tokens', '30'], cwd)
  expect(run.code, run.stderr).toBe(4)
  expect(run.stdout).toMatch(/^iteration .*: hard_gate: the answer was cut off/m)
  const asked = await ctxlockHere(['ask', 'How is the checksum of a box computed?', '--max-tokens', '30'], cwd)
  expect(asked.stdout).toMatch(/^warning +answer_cut_off$/m)
})

test('definitions that were changed behind the back of the run are not run (MT-002)', async () => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(TASK) })
  await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  const session = await openedSession(cwd)
  try {
    const { database } = session.state
    const request = session.runs.find('last')
    const [first] = request.subjects
    if (first) first.definition.files.modify = ['README.md']
    const bytes = new TextEncoder().encode(canonicalize(request))
    const { content_hash } = session.artifacts.put(bytes, { kind: 'report', classification: 'medium' })
    database.prepare('UPDATE runner_run SET request_hash = ?').run(content_hash)
  } finally {
    await session.close()
  }
  const again = await ctxlockHere(['rerun', 'last'], cwd)
  expect([again.code, again.error?.code]).toEqual([7, 'DEFINITIONS_FOREIGN'])
})

async function iterationTraces(cwd: string) {
  const session = await openedSession(cwd)
  try {
    const { events } = queryEvents(session.state.database, {}, { limit: 1000 })
    return events.flatMap((done) => {
      if (done.type !== 'micro_task_iteration_complete') return []
      const { mt_id, job_id, workflow_run_id } = done
      const call = events.find(
        (event) =>
          event.type === 'llm_inference' && event.payload.context_snapshot_id === done.payload.context_snapshot_id,
      )
      if (call?.type !== 'llm_inference' || call.payload.call_id === undefined)
        return [{ mt_id, snapshot: 'of no call' }]
      const kept = readRecord(session, session.calls.find(call.payload.call_id).context_snapshot, ContextSnapshot)
      const belongs = call.job_id === job_id && call.workflow_run_id === workflow_run_id && kept.job_id === job_id
      const ofCall = kept.context_snapshot_id === done.payload.context_snapshot_id && belongs
      const order = events
        .filter((event) => event.mt_id === mt_id && ITERATION.includes(event.type))
        .map(({ type }) => type)
      return [{ mt_id, snapshot: ofCall ? 'of this call' : 'of another call', order }]
    })
  } finally {
    await session.close()
  }
}

const ITERATION: readonly string[] = [
  'micro_task_lora_selection',
  'micro_task_iteration_started',
  'call_intent',
  'llm_inference',
  'call_settled',
  'micro_task_iteration_complete',
  'micro_task_complete',
]

/** What the log says of the status, in order. */
async function statusEvents(cwd: string) {
  const session = await openedSession(cwd)
  try {
    const { events } = queryEvents(session.state.database, { type: 'status_line' }, { limit: 100 })
    return events.map(({ payload }) => payload)
  } finally {
    await session.close()
  }
}

test('the status names role, model class and reasoning strength as they are (MT-060)', async () => {
  const server = await startOllamaServer(['coder:7b'], () => 'src/box.ts:1-1\n> no such line\n')
  const config = JSON.parse(ollamaConfig(server.url, ['coder:7b']))
  config.providers[0].models[0].parameter_class = 'P7B'
  config.roles = [{ role_id: 'reviewer', runtime_role: 'validator' }]
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': JSON.stringify(config),
    'task.json': JSON.stringify({ ...TASK, steps: TASK.steps.slice(1, 2) }),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(4)
  const statuses = run.stdout
    .split('\n')
    .map(parseStatusLine)
    .filter((status) => status !== undefined)
  expect(statuses).toMatchObject([
    { role: 'reviewer', pc: 'P7B', rs: 'NA', state: 'RUNNING', gate: 'NONE:PASS' },
    { role: 'reviewer', pc: 'P7B', state: 'WAITING', phase: 'BLOCKED', gate: 'G1:PEND' },
  ])
  expect(await statusEvents(cwd)).toEqual(statuses)
})

test('the status says cloud of a model that its profile alone chose and that is one', async () => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  const { cwd } = await escalatingWorkspace()
  const config = JSON.parse(readFileSync(join(cwd, 'ctxlock.config.json'), 'utf8'))
  for (const assignment of Object.values<object>(config.profiles[0].model_assignments))
    Object.assign(assignment, { primary_model_id: FAR })
  config.execution.policy.escalation_chain = []
  writeFileSync(join(cwd, 'ctxlock.config.json'), JSON.stringify(config))
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(4)
  expect(parseStatusLine(run.stdout.split('\n').find((line) => line.startsWith('HSK_STATUS')) ?? '')).toMatchObject({
    model: FAR,
    backend: 'cloud',
  })
})

test('the record names the model that was called, not the one whose place it took', async () => {
  const server = await startOllamaServer(['small:1b'], () => 'They do.')
  const config = JSON.parse(ollamaConfig(server.url, ['small:1b'], { escalation_chain: [] }))
  const [near] = config.providers
  const down = { provider_id: 'down', default_model_id: 'absent:9b', models: [{ model_id: 'absent:9b' }] }
  config.providers.push({ ...near, ...down, base_url: await closedPort() })
  for (const assignment of Object.values<object>(config.profiles[0].model_assignments)) {
    Object.assign(assignment, { primary_model_id: 'absent:9b', fallback_model_id: 'small:1b' })
  }
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': JSON.stringify(config),
    'task.json': JSON.stringify({ ...TASK, steps: TASK.steps.slice(1, 2) }),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(0)
  expect(server.requests.map(({ model }) => model)).toEqual(['small:1b'])
  expect(run.stdout).toContain('by small:1b,')
})

test('--json: what the log tells of the run, event by event, then the result', async () => {
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'task.json': JSON.stringify({ ...TASK, steps: TASK.steps.slice(1, 2) }),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json'), '--json'], cwd)
  const parsed = run.stdout
    .trimEnd()
    .split('\n')
    .map((line): { type?: string; ok?: boolean } => JSON.parse(line))
  expect(parsed.map(({ type, ok }) => type ?? ok)).toEqual([
    'micro_task_definitions_bound',
    'micro_task_loop_started',
    'status_line',
    'micro_task_lora_selection',
    'micro_task_iteration_started',
    'micro_task_iteration_complete',
    'micro_task_complete',
    'status_line',
    'micro_task_loop_completed',
    'status_line',
    true,
  ])
  const session = openStoredSession(cwd, {})
  const { events } = queryEvents(session.state.database, {}, { limit: 100 })
  session.close()
  expect(parsed.slice(0, -1)).toMatchObject(events.filter(isProgress).map(progressJson))
})

test.each([
  [
    { scope: ['docs-src/'], expected_output: 'patch', files: { modify: ['src/depot.ts'] }, verify: ['node -v'] },
    'MT-VAL-005',
    'files.modify.0',
  ],
  [{ expected_output: 'patch', files: { modify: ['src/depot.ts'] } }, 'MT-SCHEMA', 'verify'],
  [{ steps: [{ name: 'a', goal: 'A', depends_on: ['b'] }] }, 'STEP_UNKNOWN', '"b"'],
  [
    { expected_output: 'patch', files: { modify: ['src/depot.ts'] }, verify: ['node -v'] },
    'NO_LANGUAGE_MODEL',
    'only the embedded provider, which quotes',
  ],
])('a bad task is explained by rule, field and example, and nothing runs: %#', async (change, code, field) => {
  const { steps: _, ...base } = TASK
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify({ ...base, ...change }) })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect([run.code, run.error?.code]).toEqual([2, code])
  expect(run.stderr).toContain(field)
})

test.each(['strict', 'replay'] as const)(
  '%s: what a person edits between two iterations is indexed anew, and the next one sees it (VAL-055, decisions/0036)',
  async (mode) => {
    const edited = '# Parcel\n\nA checksum is computed over the sealed bytes of a box.\n'
    let cwd = ''
    const space = await escalatingWorkspace({
      steps: ['one', 'two'],
      config: { policy: { determinism_mode: mode } },
      says(number) {
        if (number === 1) writeFileSync(join(cwd, 'README.md'), edited)
        return 'A checksum is a sum.'
      },
    })
    cwd = space.cwd
    const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
    expect([run.code, run.error?.code], run.stderr).toEqual([0, undefined])
    expect(space.near.requests.map(({ prompt }) => prompt.includes('over the sealed bytes'))).toEqual([false, true])
    expect(run.stdout).not.toContain('index_drift')
    expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
  },
)
