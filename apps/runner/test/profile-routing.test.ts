// Which model a call goes to: profiles, overrides, readiness by probe, and what other machines serve.
import { describe, expect, test } from 'vitest'

import { startFakeServer } from '@ctxlock/plugin-api/testing'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'
import { ROLES } from '@ctxlock/governance'
import { onTestFinished } from 'vitest'

import type { CallSubject } from '../src/governed-call/call-subject.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import type { Session } from '../src/session/session.ts'
import { singleModelProfile } from '../src/workspace/default-config.ts'
import { startChatServer } from './support/chat-server.ts'
import { closedPort } from './support/closed-port.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'
const NOBODY = await closedPort()

function provider(provider_id: string, base_url: string, changes: object = {}): object {
  return {
    provider_id,
    kind: 'openai_compat',
    declared_tier: 'local',
    base_url,
    secret_ref: null,
    default_model_id: provider_id,
    models: [],
    network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
    options: { max_retries: 0 },
    enabled: true,
    ...changes,
  }
}

const assignment = (primary_model_id: string, changes: Partial<ModelAssignment> = {}): ModelAssignment => ({
  primary_model_id,
  local_only: false,
  ...changes,
})

function profile(worker: ModelAssignment, changes: Partial<WorkProfile> = {}): WorkProfile {
  const base = singleModelProfile('p1', 'nobody')
  return { ...base, model_assignments: { ...base.model_assignments, worker }, ...changes }
}

function sessionWith(providers: readonly object[], ...profiles: readonly WorkProfile[]): Promise<Session> {
  const config = JSON.stringify({ schema_version: 'ctxlock.config@1', providers, profiles })
  return openedSession(makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config }))
}

function subject(session: Session, changes: Partial<CallSubject['definition']> = {}): CallSubject {
  const asked = questionSubject(QUESTION, [], session.config)
  return { ...asked, definition: { ...asked.definition, ...changes } }
}

const resolved = (session: Session) => recorded(session, 'work_profile_resolved').map(({ payload }) => payload)

describe('a role and its model', () => {
  test('T-PROFILE-003 each of four roles reaches its own model, and each resolution is on record', async () => {
    const servers = await Promise.all(ROLES.map((role) => startChatServer({ model: `of-${role}` })))
    const base = profile(assignment('of-worker'))
    const [frontend, orchestrator, worker, validator] = ROLES.map((role) => assignment(`of-${role}`))
    if (!frontend || !orchestrator || !worker || !validator) throw new TypeError('there are four roles')
    const session = await sessionWith(
      ROLES.map((role, index) => provider(`of-${role}`, `${servers[index]?.url}/v1`)),
      { ...base, model_assignments: { frontend, orchestrator, worker, validator } },
    )
    for (const role of ROLES) {
      const call = await callIn(session, { ...subject(session), role: { role_id: role, runtime_role: role } })
      expect(call.identified.model.model_id).toBe(`of-${role}`)
    }
    expect(servers.map(({ bodies }) => bodies.length)).toEqual([1, 1, 1, 1])
    expect(resolved(session)).toEqual(
      ROLES.map((role) => ({
        profile_id: 'p1',
        resolved_models: { [role]: `of-${role}` },
        role,
        selection_policy: 'explicit',
        rejected: [],
      })),
    )
  })

  test('T-PROFILE-004 with local_only, a cloud fallback is refused and not contacted when the primary is down', async () => {
    const cloud = await startChatServer()
    const far = { declared_tier: 'cloud', network: privateHost(cloud.url) }
    const session = await sessionWith(
      [provider('near', NOBODY), provider('far', `${cloud.url}/v1`, far)],
      profile(assignment('near', { fallback_model_id: 'far', local_only: true }), cloudAllowed),
    )
    await expect(callIn(session, subject(session))).rejects.toMatchObject({ code: 'CX-MM-001', exit: 4 })
    expect(resolved(session)).toMatchObject([
      {
        resolved_models: {},
        rejected: [
          { model_id: 'near', reason: 'not_ready' },
          { model_id: 'far', reason: 'local_only' },
        ],
      },
    ])
    expect(cloud.requests).toEqual([])
  })

  test('what was resolved is on record also when the provider cannot be opened for the call', async () => {
    const near = await startChatServer()
    const session = await sessionWith([provider('near', `${near.url}/v1`)], profile(assignment('near')))
    const broken = new ProviderError('invalid_config', 'The plugin takes no such options.')
    const providers = { ...session.providers, client: () => Promise.reject(broken) }
    await expect(callIn({ ...session, providers }, subject(session))).rejects.toBe(broken)
    expect(resolved(session)).toMatchObject([{ resolved_models: { worker: 'near' } }])
    expect(recorded(session, 'micro_task_iteration_started')).toEqual([])
  })

  test('T-PROFILE-005 with cloud off, the chain ends at the hard gate when every local model is down: no escalation, no byte', async () => {
    const cloud = await startChatServer()
    const far = { declared_tier: 'cloud', network: privateHost(cloud.url) }
    const session = await sessionWith(
      [provider('near', NOBODY), provider('far', `${cloud.url}/v1`, far)],
      profile(assignment('near', { fallback_model_id: 'far' })),
    )
    await expect(callIn(session, subject(session))).rejects.toMatchObject({ code: 'CX-MM-001', exit: 4 })
    const gates = recorded(session, 'micro_task_hard_gate').map(({ payload }) => payload)
    expect(gates).toEqual([{ reason: 'escalation_exhausted', level: 0 }])
    expect(resolved(session)[0]?.rejected).toContainEqual({ model_id: 'far', reason: 'cloud_disabled' })
    expect(recorded(session, 'cloud_escalation_requested')).toEqual([])
    expect(recorded(session, 'cloud_escalation_executed')).toEqual([])
    expect(cloud.requests).toEqual([])
  })
})

describe('overrides (PROV-065)', () => {
  const overrides: WorkProfile['overrides'] = {
    filetype_rules: [{ extension: 'ts', assignments: { worker: assignment('typed') } }],
    task_type_rules: [{ task_type: 'review', assignments: { worker: assignment('reviewer') } }],
  }

  test.each([
    ['the profile', {}, 'plain'],
    [
      'the type of the files a task changes',
      { files: { read: ['README.md'], modify: ['src/depot.ts'], create: [] } },
      'typed',
    ],
    ['not two types of files', { files: { read: [], modify: ['src/depot.ts', 'README.md'], create: [] } }, 'plain'],
    [
      'a tag of the task',
      { task_tags: ['short', 'review'], files: { read: [], modify: ['src/depot.ts'], create: [] } },
      'reviewer',
    ],
  ])('%s decides', async (_, definition, model) => {
    const server = await startChatServer()
    const models = ['plain', 'typed', 'reviewer']
    const session = await sessionWith(
      models.map((id) => provider(id, `${server.url}/v1`, { models: [{ model_id: id, aliases: ['m1'] }] })),
      profile(assignment('plain'), { overrides }),
    )
    const call = await callIn(session, subject(session, definition))
    expect(call.identified.model.model_id).toBe(model)
    expect(call.identified.assignment.primary_model_id).toBe(model)
  })

  test('what an override says about cloud holds for consent too', async () => {
    const cloud = await startChatServer()
    const far = { declared_tier: 'cloud', network: privateHost(cloud.url) }
    const rule = { task_type: 'secret', assignments: { worker: assignment('far', { local_only: true }) } }
    const session = await sessionWith(
      [provider('far', `${cloud.url}/v1`, far)],
      profile(assignment('far'), { ...cloudAllowed, overrides: { task_type_rules: [rule] } }),
    )
    await expect(callIn(session, subject(session, { task_tags: ['secret'] }))).rejects.toMatchObject({
      code: 'CX-MM-001',
      exit: 8,
    })
    expect(cloud.requests).toEqual([])
  })
})

describe('readiness by probe (PROV-009)', () => {
  test('a fallback answers when the primary is down, and a run asks each server once', async () => {
    const server = await startChatServer()
    const session = await sessionWith(
      [provider('down', NOBODY), provider('m1', `${server.url}/v1`)],
      profile(assignment('down', { fallback_model_id: 'm1' })),
    )
    for (const _ of [1, 2]) {
      const call = await callIn(session, subject(session))
      expect(call.identified.model).toMatchObject({ model_id: 'm1', provider_id: 'm1' })
    }
    expect(server.bodies).toHaveLength(2)
    expect(server.requests.filter((request) => request.startsWith('GET'))).toHaveLength(2)
  })

  test('a key that is missing is what has to be set, not a server to be started', async () => {
    const { url } = await startChatServer()
    const keyed = {
      ...provider('m1', `${url}/v1`),
      secret_ref: { source: 'env' as const, name: 'CTXLOCK_NO_SUCH_KEY' },
    }
    const session = await sessionWith([keyed], profile(assignment('m1')))
    await expect(callIn(session, subject(session))).rejects.toMatchObject({
      code: 'CX-MM-001',
      hint: expect.stringContaining('environment variable that `secret_ref`'),
    })
  })

  test('a server that never answers is given up', async () => {
    const silent = await startFakeServer(() => ({ status: 200, silent: true }))
    onTestFinished(() => silent.close())
    const session = await sessionWith([provider('m1', silent.origin)], profile(assignment('m1')))
    await expect(callIn(session, subject(session))).rejects.toMatchObject({
      code: 'CX-MM-001',
      message: expect.stringMatching(/m1 \(not_ready at m1: unreachable, timeout\)/),
    })
    expect(silent.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  test.each([
    [
      'an Ollama that lacks the model',
      { status: 404, body: { error: "model 'm1' not found" } },
      'not_ready',
      'model_missing',
    ],
    [
      'an Ollama that cannot say where a model runs',
      { status: 500, body: { error: 'boom' } },
      'not_ready',
      'server_error',
    ],
    [
      'a model that Ollama passes on',
      { status: 200, body: { details: {}, remote_host: 'https://ollama.com' } },
      'cloud_disabled',
      'another machine serves it',
    ],
  ])('%s gets no text', async (_, { status, body }, reason, said) => {
    const server = await startFakeServer(({ path }) => {
      const json = (value: object, code = 200) => ({ status: code, body: [{ bytes: JSON.stringify(value) }] })
      if (path === '/api/version') return json({ version: '0.12.0' })
      return path === '/api/show' ? json(body, status) : json({ models: [] })
    })
    onTestFinished(() => server.close())
    const session = await sessionWith([provider('m1', server.origin, { kind: 'ollama' })], profile(assignment('m1')))
    await expect(callIn(session, subject(session))).rejects.toMatchObject({
      code: 'CX-MM-001',
      message: expect.stringContaining(said),
    })
    expect(resolved(session)[0]?.rejected).toEqual([{ model_id: 'm1', reason }])
    expect(server.requests.map(({ path }) => path)).not.toContain('/api/chat')
  })
})

describe('largest available (PROV-067, PROV-068)', () => {
  test('takes the largest that is ready, and of two equal ones the one that was faster in recorded calls', async () => {
    const slow = await startChatServer({ model: 'slow', delayMs: 150 })
    const quick = await startChatServer({ model: 'quick' })
    const models = (model_id: string, parameter_class: string) => ({ models: [{ model_id, parameter_class }] })
    const candidates = ['huge', 'slow', 'quick'].map((model_id) => ({ model_id, backend: 'local' as const }))
    const session = await sessionWith(
      [
        provider('huge', NOBODY, models('huge', 'P110B')),
        provider('slow', `${slow.url}/v1`, models('slow', 'P7B')),
        provider('quick', `${quick.url}/v1`, models('quick', 'P7B')),
      ],
      profile(assignment('slow'), {
        routing: { selection_policy: 'largest_available', candidate_models: candidates },
      }),
    )
    const chosen = async () => (await callIn(session, subject(session))).identified.model.model_id
    // Nothing is known of either: the place in the list decides. Then a measured model goes before an unmeasured one.
    expect(await chosen()).toBe('slow')
    expect(await chosen()).toBe('slow')
    const only = { ...session, profile: profile(assignment('quick'), { profile_id: 'quick-once' }) }
    expect((await callIn(only, subject(only))).identified.model.model_id).toBe('quick')
    expect(await chosen()).toBe('quick')
  })

  test('a server that makes up its counts is not faster for it', async () => {
    const honest = await startChatServer({
      model: 'honest',
      usage: { prompt_tokens: 900, completion_tokens: 900, total_tokens: 1800 },
      reply: () => 'words '.repeat(900),
    })
    const madeUp = { prompt_tokens: 900, completion_tokens: 10 ** 9, total_tokens: 10 ** 9 + 900 }
    const liar = await startChatServer({ model: 'liar', reply: () => 'no', usage: madeUp })
    const servers = [provider('liar', `${liar.url}/v1`), provider('honest', `${honest.url}/v1`)]
    const session = await sessionWith(
      servers,
      profile(assignment('liar'), {
        routing: {
          selection_policy: 'largest_available',
          candidate_models: ['liar', 'honest'].map((model_id) => ({ model_id, backend: 'local' as const })),
        },
      }),
    )
    expect((await callIn(session, subject(session))).identified.model.model_id).toBe('liar')
    const only = { ...session, profile: profile(assignment('honest'), { profile_id: 'honest-once' }) }
    await callIn(only, subject(only))
    expect((await callIn(session, subject(session))).identified.model.model_id).toBe('honest')
  })
})

test('compute hints that are not in force are on record (PROV-069, PROV-070)', async () => {
  const server = await startChatServer()
  const compute = { speed_preset: 'fast_approx' as const, cloud_reasoning_strength: 'high' }
  const session = await sessionWith([provider('m1', `${server.url}/v1`)], profile(assignment('m1', { compute })))
  await callIn(session, subject(session))
  expect(recorded(session, 'llm_exec_policy').map(({ payload }) => payload)).toMatchObject([
    { mode: 'fast_exact', exactness: 'exact', downgraded: true, downgrade_reason: 'approximation_refused, CX-MM-005' },
  ])
})

const cloudAllowed = { governance: { automation_level: 'HYBRID' as const, allow_cloud_escalation: true } }

/** A loopback server counts as a cloud one may be tried at all (PROV-043). */
function privateHost(url: string): object {
  return { allow_private_hosts: [new URL(url).host], allow_ports: [], redirects: 'deny' }
}
