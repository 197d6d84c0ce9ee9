// Choosing a work profile: durable, recorded, never for runs that are under way; and seeing beforehand what it does.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { FlightEvent } from '@ctxlock/contracts/events'
import { canonicalHash, canonicalize } from '@ctxlock/core-hash'
import { activeProfile } from '@ctxlock/governance'
import { describe, expect, test } from 'vitest'

import { singleModelProfile } from '../src/workspace/default-config.ts'
import { closedPort } from './support/closed-port.ts'
import { startChatServer, type ChatServer } from './support/chat-server.ts'
import { ctxlock, Json } from './support/ctxlock.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const NOBODY = { url: await closedPort() }
const QUESTION = 'How is the checksum of a box computed?'
const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'Explain how boxes are checked.',
  scope: ['src/'],
  done: ['Explained.'],
  expected_output: 'structured_answer',
  steps: [
    { name: 'One', goal: 'Explain part one of the checksum of a box.' },
    { name: 'Two', goal: 'Explain part two of the checksum of a box.' },
  ],
}

function provider(model: string, { url }: Pick<ChatServer, 'url'>, changes: object = {}): object {
  const network = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' }
  return {
    provider_id: model,
    kind: 'openai_compat',
    declared_tier: 'local',
    base_url: `${url}/v1`,
    secret_ref: null,
    default_model_id: model,
    models: [],
    network,
    enabled: true,
    ...changes,
  }
}

interface Parts {
  readonly providers?: readonly object[]
  readonly profiles?: readonly object[]
  readonly active?: string
}

/** Two profiles, `A` in force. */
function config({ providers, profiles, active = 'A' }: Parts = {}): string {
  const both = [singleModelProfile('A', 'extractive'), singleModelProfile('B', 'extractive')]
  const sections = { ...(providers && { providers }), profiles: profiles ?? both, active_profile: active }
  return `${JSON.stringify({ schema_version: 'ctxlock.config@1', ...sections }, null, 2)}\n`
}

const workspace = (parts?: Parts) =>
  makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(TASK), 'ctxlock.config.json': config(parts) })
const json = async (args: readonly string[], cwd: string) =>
  new Json(JSON.parse((await ctxlockHere([...args, '--json'], cwd)).stdout))
const events = async <Type extends FlightEvent['type']>(cwd: string, type: Type) =>
  recorded(await openedSession(cwd), type)
const selections = async (cwd: string) =>
  (await events(cwd, 'work_profile_selected')).map(({ payload, actor }) => ({ ...payload, actor }))

test.each([
  ['profile', 'list'],
  ['profile', 'show'],
  ['profile', 'simulate', '--offline'],
  ['providers', 'list', '--offline'],
  ['providers', 'export'],
])('%s %s leaves nothing behind where nothing is recorded, and reads what is', async (...command) => {
  const cwd = workspace()
  expect((await ctxlockHere(command, cwd)).code).toBe(0)
  expect(existsSync(join(cwd, '.ctxlock'))).toBe(false)

  await ctxlockHere(['ask', QUESTION], cwd)
  expect((await ctxlockHere(command, cwd)).code).toBe(0)
  const listed = await json(['profile', 'list'], cwd)
  expect(listed.at('profiles', 0, 'state').raw).toBe('used')

  rmSync(join(cwd, '.ctxlock', 'state.db'))
  const lost = await ctxlockHere(command, cwd)
  expect([lost.code, lost.stderr]).toEqual([7, expect.stringContaining('is gone')])
})

describe('profile use', () => {
  test('T-PROFILE-001 a choice outlasts the process and is on record with the profile before', async () => {
    const cwd = workspace()
    expect((await ctxlockHere(['profile', 'use', 'B'], cwd)).code).toBe(0)

    const later = await openedSession(cwd)
    expect([later.profile.profile_id, activeProfile(later.state.database)?.profile_id]).toEqual(['B', 'B'])
    const event = {
      profile_id: 'B',
      previous_profile_id: 'A',
      automation_level: 'HYBRID',
      allow_cloud_escalation: false,
      actor: 'human',
    }
    expect(await selections(cwd)).toEqual([event])
    expect(await events(cwd, 'work_profile_changed')).toMatchObject([
      { actor: 'human', payload: { profile_id: 'B', previous_profile_id: 'A' } },
    ])
    await ctxlockHere(['ask', QUESTION], cwd)
    expect((await events(cwd, 'run_header')).map(({ payload }) => payload.profile_id)).toEqual(['B'])
    expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
  })

  test('says again what is active without calling it a change', async () => {
    const cwd = workspace()
    await ctxlockHere(['profile', 'use', 'A'], cwd)
    expect(await selections(cwd)).toMatchObject([{ profile_id: 'A', previous_profile_id: 'A' }])
    expect(await events(cwd, 'work_profile_changed')).toEqual([])
  })

  test('edits one value of the config', async () => {
    const cwd = workspace()
    await ctxlockHere(['profile', 'use', 'B'], cwd)
    expect(readFileSync(join(cwd, 'ctxlock.config.json'), 'utf8')).toBe(config({ active: 'B' }))
  })

  test.each([
    ['a profile nobody wrote', 'C', /no profile C; it has A, B/],
    ['a profile that was edited after it was used', 'B', /B was used with other content/],
  ])('refuses %s and changes nothing', async (_, id, said) => {
    const cwd = workspace()
    await ctxlockHere(['profile', 'use', 'B'], cwd)
    await ctxlockHere(['profile', 'use', 'A'], cwd)
    const edited = config({ profiles: [singleModelProfile('A', 'extractive'), singleModelProfile('B', 'other')] })
    writeFiles(cwd, { 'ctxlock.config.json': edited })
    const before = await selections(cwd)
    const refused = await ctxlockHere(['profile', 'use', id], cwd)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(said)])
    expect(await selections(cwd)).toEqual(before)
    expect(readFileSync(join(cwd, 'ctxlock.config.json'), 'utf8')).toBe(edited)
  })

  test('a choice that cannot be recorded is not made', async () => {
    const cwd = workspace()
    const { state } = await openedSession(cwd)
    state.database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON flight_event BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )
    expect((await ctxlockHere(['profile', 'use', 'B'], cwd)).code).toBe(1)
    expect(activeProfile(state.database)).toBeUndefined()
    expect(readFileSync(join(cwd, 'ctxlock.config.json'), 'utf8')).toBe(config())
  })

  test('two who choose at once leave config and choice in agreement', async () => {
    const cwd = workspace()
    for (const first of ['A', 'B']) {
      const ids = [first, first === 'A' ? 'B' : 'A']
      const results = await Promise.all(ids.map((id) => ctxlock(['profile', 'use', id], { cwd })))
      expect(results.map(({ code }) => code)).toEqual([0, 0])
      const listed = await json(['profile'], cwd)
      expect(listed.at('active').raw).toBe(listed.at('selected').raw)
    }
  })

  test('no run starts while config and choice disagree; choosing again ends that', async () => {
    const cwd = workspace()
    await ctxlockHere(['profile', 'use', 'B'], cwd)
    writeFiles(cwd, { 'ctxlock.config.json': config({ active: 'A' }) })
    const refused = await ctxlockHere(['ask', QUESTION], cwd)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/names A .* B was selected here/)])
    expect((await ctxlockHere(['profile'], cwd)).stdout).toMatch(/B was selected here: no run starts/)
    // A model of the command line needs no profile, and a lock calls nobody.
    expect((await ctxlockHere(['ask', QUESTION, '--model', 'extractive'], cwd)).code).toBe(0)
    expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
    await ctxlockHere(['profile', 'use', 'A'], cwd)
    expect((await ctxlockHere(['ask', QUESTION], cwd)).code).toBe(0)
  })
})

describe('runs under way', () => {
  test('T-PROFILE-002 a run keeps its profile when another becomes active and its own is rewritten', async () => {
    let failing = true
    const first = await startChatServer({
      model: 'first',
      reply: (body) => (failing && body.includes('part two') ? 'README.md:1-1\n> invented\n' : 'No quotation.'),
    })
    const second = await startChatServer({ model: 'second' })
    const providers = [provider('first', first), provider('second', second)]
    const A = singleModelProfile('A', 'first')
    const B = singleModelProfile('B', 'second')
    const cwd = workspace({ providers, profiles: [A, B] })
    const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
    const runId = /^run +(\S+)$/m.exec(run.stdout)?.[1] ?? ''
    failing = false

    await ctxlockHere(['profile', 'use', 'B'], cwd)
    writeFiles(cwd, {
      'ctxlock.config.json': config({ providers, active: 'B', profiles: [{ ...A, name: 'Rewritten' }, B] }),
    })
    expect((await ctxlockHere(['profile', 'use', 'A'], cwd)).stderr).toMatch(/A was used with other content/)
    const other = await ctxlockHere(['run', join(cwd, 'task.json'), '--resume', runId, '--model', 'second'], cwd)
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/started under the profile A and keeps it/)])
    // By hand, with a hash that fits: the log knows better.
    const stored = (profile: object) => {
      const database = new DatabaseSync(join(cwd, '.ctxlock', 'state.db'))
      const row = [canonicalize(profile), canonicalHash(profile)]
      database.prepare("UPDATE governance_profile SET profile = ?, profile_hash = ? WHERE profile_id = 'A'").run(...row)
      database.close()
    }
    stored({ ...A, governance: { ...A.governance, allow_cloud_escalation: true } })
    const altered = await ctxlockHere(['continue', runId], cwd)
    expect([altered.error?.code, altered.stderr]).toEqual(['PROFILE_ALTERED', expect.stringContaining('the log says')])
    expect(first.bodies).toHaveLength(3)
    stored(A)
    const resumed = await ctxlockHere(['resume', runId], cwd)
    expect(resumed.code, resumed.stderr).toBe(0)
    expect([first.bodies.length, second.bodies.length]).toEqual([4, 0])
    const headers = await events(cwd, 'run_header')
    expect(new Set(headers.map(({ payload }) => payload.profile_hash)).size).toBe(1)
    // A new run goes by what is active now.
    expect((await ctxlockHere(['run', join(cwd, 'task.json')], cwd)).code).toBe(0)
    expect(second.bodies).toHaveLength(2)
  })
})

test('a run that ended at the hard gate waits, and goes on when its local model is there', async () => {
  const server = await startChatServer()
  const far = { declared_tier: 'cloud', base_url: 'https://api.example.com/v1' }
  const assignment = { primary_model_id: 'm1', fallback_model_id: 'far', local_only: true }
  const base = singleModelProfile('A', 'm1')
  const parts = (place: Pick<ChatServer, 'url'>): Parts => ({
    providers: [provider('m1', place), provider('far', place, far)],
    profiles: [{ ...base, model_assignments: { ...base.model_assignments, worker: assignment } }],
  })
  const cwd = workspace(parts(NOBODY))
  const waiting = await ctxlockHere(['ask', QUESTION], cwd)
  expect([waiting.code, waiting.stderr]).toEqual([
    4,
    expect.stringMatching(/m1 \(not_ready at m1: unreachable, network\)/),
  ])
  writeFiles(cwd, { 'ctxlock.config.json': config(parts(server)) })
  expect((await ctxlockHere(['resume', 'last'], cwd)).code).toBe(0)
  expect(server.bodies).toHaveLength(1)
  expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
})

describe('seeing beforehand', () => {
  test('list marks the active one and says which are fixed', async () => {
    const cwd = workspace()
    await ctxlockHere(['ask', QUESTION], cwd)
    const listed = (await json(['profile', 'list'], cwd)).at('profiles').items
    expect(listed.map((each) => [each.at('profile_id').text, each.at('active').raw, each.at('state').text])).toEqual([
      ['A', true, 'used'],
      ['B', false, 'unused'],
    ])
    expect((await ctxlockHere(['profile'], cwd)).stdout).toMatch(/^\* A .*used, so fixed\n {2}B .*not used yet\n$/)
  })

  test('show prints the assignments and the rules that change them', async () => {
    const worker = { primary_model_id: 'big', fallback_model_id: 'small', local_only: false }
    const overrides = { task_type_rules: [{ task_type: 'review', assignments: { worker } }] }
    const cwd = workspace({ profiles: [{ ...singleModelProfile('A', 'extractive'), overrides }] })
    const { stdout } = await ctxlockHere(['profile', 'show'], cwd)
    expect(stdout).toMatch(/^profile {4}A {2}A {2}\(active\)\n/)
    expect(stdout).toContain('worker       extractive, local only\n')
    expect(stdout).toContain('a task tagged review\n  worker       big, else small\n')
    expect((await json(['profile', 'show', 'A'], cwd)).at('profile', 'overrides').raw).toEqual(overrides)
  })

  test('simulate names the model, those behind it, and why the others not; nobody is called', async () => {
    const server = await startChatServer()
    const cloud = { declared_tier: 'cloud', base_url: 'https://api.example.com/v1' }
    const worker = { primary_model_id: 'down', fallback_model_id: 'here', local_only: false }
    const far = { primary_model_id: 'far', fallback_model_id: 'embedded', local_only: false }
    const base = singleModelProfile('A', 'here')
    const cwd = workspace({
      providers: [provider('here', server), provider('down', NOBODY), provider('far', server, cloud)],
      profiles: [{ ...base, model_assignments: { ...base.model_assignments, worker, validator: far } }],
    })
    const { code, stdout } = await ctxlockHere(['profile', 'simulate'], cwd)
    expect(code).toBe(0)
    expect(stdout).toContain(
      'worker: here at here, local, ready\n  not down: not_ready at down: unreachable, network\n',
    )
    expect(stdout).toContain(
      'validator: no model (CX-MM-001)\n  not far: cloud_disabled at far\n  not embedded: no_provider\n',
    )
    const offline = await json(['profile', 'simulate', join(cwd, 'task.json'), '--offline'], cwd)
    expect(offline.at('roles').items.map((role) => [role.at('name').text, role.at('chosen', 'model_id').text])).toEqual(
      [
        ['MT-001 One', 'down'],
        ['MT-002 Two', 'down'],
      ],
    )
    expect(offline.at('roles', 0, 'outranked').raw).toEqual([{ provider_id: 'here', model_id: 'here' }])
    expect(server.bodies).toEqual([])
    expect(await events(cwd, 'work_profile_resolved')).toEqual([])
  })
})

test('what keeps a choice from being called is said beside it (PROV-048, PROV-063)', async () => {
  const far = provider('far', NOBODY, { declared_tier: 'cloud', base_url: 'https://api.example.com/v1' })
  const cloud = {
    ...singleModelProfile('A', 'far'),
    governance: { automation_level: 'HYBRID', allow_cloud_escalation: true },
  }
  const local = cloud.model_assignments
  const assignments = Object.fromEntries(
    Object.entries(local).map(([role, each]) => [role, { ...each, local_only: false }]),
  )
  const cwd = workspace({ providers: [far], profiles: [{ ...cloud, model_assignments: assignments }] })
  expect((await json(['profile', 'simulate'], cwd)).at('hindrances').items).toEqual([])
  expect((await ctxlockHere(['profile', 'list'], cwd)).stdout).toContain('cloud with consent')

  await ctxlockHere(['profile', 'use', 'A'], cwd)
  const path = join(cwd, 'ctxlock.config.json')
  const text = readFileSync(path, 'utf8').replace('"name": "A"', '"name": "edited"')
  writeFiles(cwd, { 'ctxlock.config.json': text.replace('{', '{ "policy": { "automation_level": "LOCKED" },') })
  const { stdout } = await ctxlockHere(['profile', 'simulate'], cwd)
  expect(stdout).toContain('edited after it was used')
  expect(stdout).toContain('no cloud model is called')
  for (const looked of ['list', 'show']) {
    const seen = (await ctxlockHere(['profile', looked], cwd)).stdout
    expect(seen).toMatch(looked === 'list' ? /no cloud/ : /cloud {6}never/)
  }
})

test('older names of levels and modes mean what they mean today (PROV-048, PROV-060)', async () => {
  const named = (automation_level: string) => {
    const base = singleModelProfile('A', 'extractive')
    return { ...base, governance: { ...base.governance, automation_level } }
  }
  for (const level of ['ASSISTED', 'SUPERVISED']) {
    const cwd = workspace({ profiles: [named(level)] })
    const shown = await json(['profile', 'show', 'A'], cwd)
    expect(shown.at('profile', 'governance', 'automation_level').raw).toBe('HYBRID')
    expect((await ctxlockHere(['ask', QUESTION], cwd)).code).toBe(0)
  }
  const locked = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': config().replace('{', '{ "policy": { "governance_mode": "locked" },'),
  })
  const { config: resolved } = await openedSession(locked)
  expect(resolved.policy).toMatchObject({ governanceMode: 'gov_strict', automationLevel: 'LOCKED' })
  const refused = await ctxlockHere(['profile', 'show', 'A'], workspace({ profiles: [named('OPEN')] }))
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('automation_level')])
})

test('a profile that contradicts itself is refused where it is in force, shown or chosen', async () => {
  const rule = (model: string) => ({
    extension: 'ts',
    assignments: { worker: { primary_model_id: model, local_only: true } },
  })
  const twice = { ...singleModelProfile('B', 'extractive'), overrides: { filetype_rules: [rule('a'), rule('b')] } }
  const cwd = workspace({ profiles: [singleModelProfile('A', 'extractive'), twice] })
  expect((await ctxlockHere(['ask', QUESTION], cwd)).code).toBe(0)
  for (const command of [
    ['profile', 'show', 'B'],
    ['profile', 'use', 'B'],
    ['profile', 'simulate', '--profile', 'B'],
  ]) {
    const { code, stderr } = await ctxlockHere(command, cwd)
    expect([code, stderr]).toEqual([2, expect.stringContaining('an extension has two rules')])
  }
  const inForce = await ctxlockHere(['ask', QUESTION], workspace({ profiles: [twice], active: 'B' }))
  expect([inForce.code, inForce.error?.code]).toEqual([2, 'PROFILE_INVALID'])
})
