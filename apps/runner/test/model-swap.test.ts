import { queryEvents } from '@ctxlock/flight-recorder'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { openSession } from '../src/session/session.ts'
import { ctxlock } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { startModelServer, type ModelServer } from './support/model-server.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'
import { oneModelProfile } from './support/work-profile.ts'

const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'Explain how the checksum of a box is computed.',
  scope: ['src/', 'README.md'],
  done: ['The checksum is explained.'],
  expected_output: 'structured_answer',
}
const RULES = '# Rules\n\n- Answers MUST name the depot.\n- NEVER guess a checksum.\n'

async function modelServer(): Promise<ModelServer> {
  const server = await startModelServer('ollama', { small: 4_000, large: 20_000 })
  onTestFinished(() => server.close())
  // The small model invents what it quotes; the large one quotes nothing.
  server.says = (model) => (model === 'small' ? 'README.md:1-1\n> invented\n' : 'By SHA-256.')
  return server
}

interface Setup {
  readonly smallWindow?: number
  readonly largeWindow?: number
  readonly swap?: object
  readonly extension?: object
}

function workspaceOf(server: ModelServer, { smallWindow = 2_048, largeWindow = 16_384, swap, extension }: Setup = {}) {
  const level = (number: number, model_id: string) => ({
    level: number,
    model_id,
    is_cloud: false,
    is_hard_gate: model_id === 'HARD_GATE',
  })
  const policy = { schema_version: 'hsk.exec_policy_ext@0.4', kind: 'model_swap_policy', allow_swaps: true }
  const limits = { max_swaps_per_job: 10, swap_timeout_ms: 20_000, fallback_strategy: 'abort' }
  const config = {
    schema_version: 'ctxlock.config@1',
    rules: { conventions: ['agents-md'] },
    providers: [
      {
        provider_id: 'models',
        kind: 'ollama',
        declared_tier: 'local',
        base_url: server.origin,
        secret_ref: null,
        default_model_id: 'small',
        models: [
          { model_id: 'small', max_context_tokens: smallWindow },
          { model_id: 'large', max_context_tokens: largeWindow },
        ],
        network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
        enabled: true,
      },
    ],
    ...oneModelProfile('small'),
    execution: {
      policy: {
        escalation_chain: [level(0, 'small'), level(1, 'large'), level(2, 'HARD_GATE')],
        extensions: [{ ...policy, ...limits, ...extension }],
      },
      ...(swap && { swap }),
    },
  }
  return makeWorkspace({
    ...SMALL_WORKSPACE,
    'AGENTS.md': RULES,
    'task.json': JSON.stringify(TASK),
    'ctxlock.config.json': JSON.stringify(config),
  })
}

async function recordOf(cwd: string) {
  const session = await openSession({ root: cwd, variables: process.env })
  try {
    return queryEvents(session.state.database, {}, { limit: 1_000 }).events
  } finally {
    await session.close()
  }
}

/** The rules as they stood in the bytes of each request. */
function rulesOf({ chats }: ModelServer): string[] {
  return chats.map((body) => {
    const { messages } = JSON.parse(body.toString('utf8'))
    const [system] = messages
    return system.content.slice(0, system.content.indexOf('# Task:'))
  })
}

test('T-MT-09, T-MODEL-003: an escalation changes the model: state kept, one unloaded, the other loaded, context compiled anew, rules the same', async () => {
  const server = await modelServer()
  const cwd = workspaceOf(server)
  const run = await ctxlock(['run', 'task.json'], { cwd })
  expect(run.code, run.stderr).toBe(0)
  expect([...server.loaded]).toEqual(['large'])
  expect(server.chats.map((body) => JSON.parse(body.toString('utf8')).model)).toEqual(['small', 'small', 'large'])
  expect(new Set(rulesOf(server)).size).toBe(1)
  expect(rulesOf(server)[0]).toContain('NEVER guess a checksum.')

  const events = await recordOf(cwd)
  const swaps = events.filter(({ type }) => type.startsWith('model_swap'))
  expect(swaps.map(({ fr_event_id }) => fr_event_id)).toEqual([
    'FR-EVT-MODEL-001',
    ...Array(7).fill('FR-EVT-X-SWAP-001'),
    'FR-EVT-MODEL-002',
  ])
  const [requested, completed] = [swaps[0]?.payload, swaps.at(-1)?.payload]
  expect(completed).toMatchObject({ requested_pack_hashes: Reflect.get(requested ?? {}, 'requested_pack_hashes') })
  expect(completed).toHaveProperty('effective_pack_hashes')
  const bound = events.filter(({ type }) => type === 'context_pack_bound').map(({ payload }) => payload)
  expect(bound.at(-1)).toMatchObject({ reason: 'model_swap', assembly: 'reused_identical', constraint_check: 'equal' })
  // What was compiled while the model was changed is what was sent: one iteration, one snapshot.
  expect(events.filter(({ type }) => type === 'micro_task_iteration_started')).toHaveLength(3)
  expect(events.filter(({ type }) => type === 'micro_task_lora_selection').map(({ payload }) => payload)).toEqual(
    ['small', 'small', 'large'].map((model_id) => ({ model_id, lora_id: null, selector: 'none' })),
  )
  // While the model is changed the work waits (SWAP-028).
  expect(events.filter(({ type }) => type === 'status_line').map(({ payload }) => payload)).toMatchObject([
    { model: 'small', state: 'RUNNING' },
    { model: 'large', state: 'WAITING', phase: 'IMPLEMENTATION' },
    { model: 'large', state: 'RUNNING' },
    { phase: 'HANDOFF' },
    { phase: 'DONE' },
  ])
  expect((await ctxlock(['verify'], { cwd })).code).toBe(0)
})

test('a model that does not fit ends the run with a reason, and the earlier one is back', async () => {
  const server = await modelServer()
  const cwd = workspaceOf(server, { swap: { max_vram_mb: 10_000, max_ram_mb: 1_000 } })
  const run = await ctxlock(['run', 'task.json'], { cwd })
  expect(run.code).toBe(7)
  expect(run.stderr).toContain('budget_exceeded')
  expect([...server.loaded]).toEqual(['small'])
  const { stdout } = await ctxlockHere(['status', 'last'], cwd)
  expect(stdout).toMatch(/^state +failed, .*\nerror +CX-MM-003: budget_exceeded/m)
  expect(stdout).not.toMatch(/^next/m)
  const ids = (await recordOf(cwd)).map(({ fr_event_id }) => fr_event_id).filter((id) => /MODEL-00/.test(id))
  expect(ids).toEqual(['FR-EVT-MODEL-001', 'FR-EVT-MODEL-003', 'FR-EVT-MODEL-005'])
})

test('a window that cannot hold the rules is refused by name, before a byte leaves and after a swap', async () => {
  const server = await modelServer()
  const first = await ctxlock(['run', 'task.json'], { cwd: workspaceOf(server, { smallWindow: 128 }) })
  expect(first.code).toBe(8)
  expect(first.stderr).toContain('the window of small holds 128 tokens')
  expect(server.chats).toEqual([])
  const later = await ctxlock(['run', 'task.json'], { cwd: workspaceOf(server, { largeWindow: 128 }) })
  expect(later.stderr).toContain('window_too_small')
  expect([...server.loaded]).toEqual(['small'])
})

test('T-X-SWAP-02: with continue_with_current a failed change goes on with the model there was', async () => {
  const server = await modelServer()
  server.fail = (path, model) => (path === '/api/generate' && model === 'large' ? 500 : undefined)
  const cwd = workspaceOf(server, { extension: { fallback_strategy: 'continue_with_current', max_swaps_per_job: 1 } })
  const run = await ctxlock(['run', 'task.json'], { cwd })
  expect(server.chats.length).toBeGreaterThan(2)
  expect(server.chats.every((body) => JSON.parse(body.toString('utf8')).model === 'small')).toBe(true)
  expect(run.code, run.stderr).not.toBe(0)
})

test('a run that is stopped by Ctrl-C while the model changes takes that back and can be gone on with, whatever the fallback', async () => {
  const server = await modelServer()
  const cwd = workspaceOf(server, { extension: { fallback_strategy: 'continue_with_current' } })
  let kill: (signal: NodeJS.Signals) => void = () => {}
  let stopped = false
  server.fail = async (path, model) => {
    if (path !== '/api/generate' || model !== 'large' || stopped) return undefined
    stopped = true
    kill('SIGINT')
    await wait(1_000)
    return 500
  }
  const first = await ctxlock(['run', 'task.json'], { cwd, onStart: (given) => (kill = given) })
  expect(first.code, first.stderr).toBe(130)
  const id = /^run +(\S{8})/m.exec(first.stdout)?.[1] ?? ''
  expect(first.stderr).toContain(`ctxlock resume ${id}`)
  expect([...server.loaded]).toEqual(['small'])
  expect((await ctxlockHere(['status', id], cwd)).stdout).toMatch(new RegExp(`^next +ctxlock resume ${id}$`, 'm'))

  // The policy is the one the run began with (decisions/0040).
  const config = join(cwd, 'ctxlock.config.json')
  writeFileSync(config, readFileSync(config, 'utf8').replace('"allow_swaps":true', '"allow_swaps":false'))
  const second = await ctxlock(['resume', id], { cwd })
  expect(second.code, second.stderr).toBe(0)
  expect(server.chats.map((body) => JSON.parse(body.toString('utf8')).model)).toEqual(['small', 'small', 'large'])
  const ids = (await recordOf(cwd)).map(({ fr_event_id }) => fr_event_id.slice(-9)).filter((id_) => /MODEL-/.test(id_))
  expect(ids).toEqual(['MODEL-001', 'MODEL-003', 'MODEL-005', 'MODEL-001', 'MODEL-002'])
  expect((await ctxlock(['verify'], { cwd })).code).toBe(0)
})

test('T-X-SWAP-01: a run that is killed while the model changes rolls back, asks again and repeats no call', async () => {
  const server = await modelServer()
  const cwd = workspaceOf(server)
  let kill: (signal: NodeJS.Signals) => void = () => {}
  let killed = false
  server.fail = (path, model) => {
    if (path !== '/api/generate' || model !== 'large' || killed) return undefined
    killed = true
    kill('SIGKILL')
    return 500
  }
  const first = await ctxlock(['run', 'task.json'], { cwd, onStart: (given) => (kill = given) })
  expect(first.signal).toBe('SIGKILL')
  const runId = /^run +(\S+)$/m.exec(first.stdout)?.[1] ?? ''
  const doctor = await ctxlockHere(['doctor'], cwd)
  expect(doctor.stdout).toMatch(/it was changing from small to large \(\w+\), .*\n +ctxlock resume [0-9a-f]{8}\n/)

  const second = await ctxlock(['resume', runId], { cwd })
  expect(second.code, second.stderr).toBe(0)
  expect(server.chats.map((body) => JSON.parse(body.toString('utf8')).model)).toEqual(['small', 'small', 'large'])
  expect(new Set(rulesOf(server)).size).toBe(1)
  const events = await recordOf(cwd)
  const ids = events.map(({ fr_event_id }) => fr_event_id.slice(-9)).filter((id) => /MODEL-/.test(id))
  expect(ids).toEqual(['MODEL-001', 'MODEL-003', 'MODEL-005', 'MODEL-001', 'MODEL-002'])
  // T-MT-04: that a process ended in the middle is said once, with what it had finished.
  expect(events.filter(({ type }) => type === 'workflow_recovery').map(({ payload }) => payload)).toEqual([
    expect.objectContaining({
      workflow_run_id: runId,
      from_state: 'running',
      to_state: 'stalled',
      resume_point: 'MT-001',
    }),
  ])
  expect((await ctxlock(['verify'], { cwd })).code).toBe(0)
})
