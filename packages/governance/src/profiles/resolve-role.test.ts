import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ParameterClass } from '@ctxlock/contracts/primitives'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'

import { CLOUD, provider, registry } from '../__fixtures__/providers.ts'
import { assignment, context, NOW, profile } from '../__fixtures__/profiles.ts'
import { LARGEST_FIRST } from '../providers/parameter-class.ts'
import { ROLES } from './parse-profile.ts'
import { resolveRole } from './resolve-role.ts'

const MIXED = registry(
  provider('here', { default_model_id: 'small', models: [{ model_id: 'medium', parameter_class: 'P32B' }] }),
  provider('there', { ...CLOUD, default_model_id: 'huge' }),
)

describe('resolveRole, explicit (PROV-066)', () => {
  it('T-PROFILE-003 sends each role to its own model', () => {
    const four = registry(...ROLES.map((role) => provider(role, { default_model_id: `model-of-${role}` })))
    const base = profile(assignment('unused'))
    const model_assignments = {
      frontend: assignment('model-of-frontend'),
      orchestrator: assignment('model-of-orchestrator'),
      worker: assignment('model-of-worker'),
      validator: assignment('model-of-validator'),
    }
    for (const role of ROLES) {
      const resolution = resolveRole({ ...base, model_assignments }, role, context(four))
      expect(resolution).toMatchObject({
        profile_id: 'p1',
        role,
        selection_policy: 'explicit',
        assignment_source: 'profile',
        rejected: [],
        chosen: { provider_id: role, model_id: `model-of-${role}`, tier: 'local' },
      })
    }
  })

  it('takes the fallback when the primary is not READY', () => {
    const given = profile(assignment('medium', { fallback_model_id: 'small' }))
    const isReady = ({ model_id }: { model_id: string }) => model_id === 'small'
    expect(resolveRole(given, 'worker', context(MIXED, { isReady }))).toMatchObject({
      chosen: { model_id: 'small' },
      rejected: [{ model_id: 'medium', provider_id: 'here', reason: 'not_ready' }],
      outranked: [],
    })
    expect(resolveRole(given, 'worker', context(MIXED))).toMatchObject({
      chosen: { model_id: 'medium' },
      rejected: [],
      outranked: [{ model_id: 'small', provider_id: 'here' }],
    })
  })

  it('T-PROFILE-004 refuses a cloud fallback under local_only, and asks nothing of it', () => {
    const asked: string[] = []
    const isReady = ({ model_id }: { model_id: string }) => {
      asked.push(model_id)
      return false
    }
    const given = profile(assignment('small', { fallback_model_id: 'huge', local_only: true }))
    expect(resolveRole(given, 'worker', context(MIXED, { isReady }))).toMatchObject({
      chosen: null,
      code: 'CX-MM-001',
      rejected: [
        { model_id: 'small', provider_id: 'here', reason: 'not_ready' },
        { model_id: 'huge', provider_id: 'there', reason: 'local_only' },
      ],
    })
    expect(asked).toEqual(['small'])
  })

  it('T-PROFILE-005 never chooses cloud when cloud is off or LOCKED', () => {
    const given = (governance: WorkProfile['governance']) => profile(assignment('huge'), { governance })
    const off = given({ automation_level: 'AUTONOMOUS', allow_cloud_escalation: false })
    expect(resolveRole(off, 'worker', context(MIXED))).toMatchObject({
      chosen: null,
      rejected: [{ reason: 'cloud_disabled' }],
    })
    const locked = given({ automation_level: 'LOCKED', allow_cloud_escalation: true })
    expect(resolveRole(locked, 'worker', context(MIXED))).toMatchObject({
      chosen: null,
      rejected: [{ reason: 'locked' }],
    })
  })

  it('T-X-PROV-04 does not choose a public host that calls itself local', () => {
    const liar = registry(provider('liar', { base_url: 'https://api.example.com', default_model_id: 'm' }))
    expect(resolveRole(profile(assignment('m')), 'worker', context(liar))).toMatchObject({
      chosen: null,
      rejected: [{ model_id: 'm', provider_id: 'liar', reason: 'tier_refused' }],
    })
  })

  it('counts a cloud-served model on loopback as cloud', () => {
    const ollama = registry(provider('ollama', { models: [{ model_id: 'big:cloud' }] }))
    const given = profile(assignment('big:cloud', { fallback_model_id: 'small', local_only: true }))
    expect(resolveRole(given, 'worker', context(ollama))).toMatchObject({
      chosen: { model_id: 'small', tier: 'local' },
      rejected: [{ model_id: 'big:cloud', reason: 'local_only' }],
    })
    const isRemote = ({ model_id }: { model_id: string }) => model_id === 'small'
    expect(resolveRole(given, 'worker', context(ollama, { isRemote }))).toMatchObject({ chosen: null })
  })

  it.each([
    ['not in allowed_models', assignment('small', { allowed_models: ['other'] }), MIXED, 'not_allowed'],
    ['served by nobody', assignment('unheard-of'), MIXED, 'no_provider'],
    [
      'of a disabled provider',
      assignment('m'),
      registry(provider('off', { default_model_id: 'm', enabled: false })),
      'provider_disabled',
    ],
  ] as const)('rejects a model that is %s', (_, given, providers, reason) => {
    expect(resolveRole(profile(given), 'worker', context(providers))).toMatchObject({
      chosen: null,
      rejected: [{ reason }],
    })
  })

  it('prefers the local one of two providers of a model, then the lower id', () => {
    const providers = registry(
      provider('a-cloud', { ...CLOUD, default_model_id: 'm' }),
      provider('c', { default_model_id: 'm' }),
      provider('b', { default_model_id: 'm' }),
    )
    expect(resolveRole(profile(assignment('m')), 'worker', context(providers)).chosen?.provider_id).toBe('b')
  })
})

describe('overrides (PROV-065)', () => {
  const overrides = {
    filetype_rules: [{ extension: '.ts', assignments: { worker: assignment('medium', { local_only: true }) } }],
    task_type_rules: [{ task_type: 'review', assignments: { worker: assignment('huge') } }],
  }
  const given = profile(assignment('small'), { overrides })
  const chosen = (task: Parameters<typeof resolveRole>[3], role: 'worker' | 'validator' = 'worker') => {
    const { chosen: model, assignment_source } = resolveRole(given, role, context(MIXED), task)
    return [model?.model_id, assignment_source]
  }

  it('task type over file type over the profile', () => {
    expect(chosen({})).toEqual(['small', 'profile'])
    expect(chosen({ files: ['src/a.ts', 'b.TS'] })).toEqual(['medium', 'filetype_rule'])
    expect(chosen({ files: ['src/a.ts'], taskTypes: ['review'] })).toEqual(['huge', 'task_type_rule'])
  })

  it('a file-type rule only when every file has the extension', () => {
    for (const files of [[], ['a.ts', 'b.md'], ['a.ts', 'Makefile'], ['.ts'], ['a.ts/b'], ['dir.ts/b.md'], ['a.']]) {
      expect(chosen({ files })).toEqual(['small', 'profile'])
    }
  })

  it('a rule says nothing about roles it does not name, and another task type has none', () => {
    expect(chosen({ taskTypes: ['review'] }, 'validator')).toEqual(['small', 'profile'])
    expect(chosen({ taskTypes: ['write'] })).toEqual(['small', 'profile'])
    expect(chosen({ taskTypes: ['write', 'review'] })).toEqual(['huge', 'task_type_rule'])
  })

  it('replaces the whole assignment, local_only included', () => {
    const resolution = resolveRole(given, 'worker', context(MIXED), { files: ['a.ts'] })
    expect(resolution.assignment).toEqual(assignment('medium', { local_only: true }))
  })
})

describe('T-X-PROV-08 largest available (PROV-067)', () => {
  const classes = ParameterClass.options
  const candidates = [...classes, undefined].map((parameter_class, index) => ({
    model_id: `m${index}`,
    backend: 'local' as const,
    ...(parameter_class && { parameter_class }),
  }))
  const all = registry(...candidates.map(({ model_id }) => provider(`p-${model_id}`, { default_model_id: model_id })))
  const largest = (candidate_models: NonNullable<WorkProfile['routing']>['candidate_models'] = candidates) =>
    profile(assignment('m0'), { routing: { selection_policy: 'largest_available', candidate_models } })

  /** Resolves again and again, each time without the models chosen before. */
  function order(given: WorkProfile, score: (id: string) => number | undefined = () => undefined) {
    const gone = new Set<string>()
    for (;;) {
      const { chosen } = resolveRole(
        given,
        'worker',
        context(all, {
          isReady: ({ model_id }) => !gone.has(model_id),
          score: ({ model_id }) => score(model_id),
        }),
      )
      if (!chosen) return [...gone]
      gone.add(chosen.model_id)
    }
  }

  it('goes from P110B down to unknown', () => {
    const classOf = (id: string) => candidates.find(({ model_id }) => model_id === id)?.parameter_class ?? 'PUnknown'
    expect(order(largest()).map(classOf)).toEqual([...LARGEST_FIRST, 'PUnknown'])
  })

  it('within a class by score, unknown last, then by list position', () => {
    const same = candidates.map(({ model_id }) => ({
      model_id,
      backend: 'local' as const,
      parameter_class: 'P7B' as const,
    }))
    const scores = new Map([
      ['m3', 0.9],
      ['m1', 0.5],
      ['m4', 0.5],
      ['m0', Number.NaN],
      ['m5', -1],
    ])
    expect(order(largest(same), (id) => scores.get(id))).toEqual(['m3', 'm1', 'm4', 'm5', 'm0', 'm2', 'm6'])
    expect(order(largest(same.toReversed()))).toEqual(['m6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0'])
  })

  it('takes the class from the registry where the profile names none', () => {
    const models = [{ model_id: 'medium', parameter_class: 'P72B' as const }]
    const given = largest([
      { model_id: 'small', backend: 'local' },
      { model_id: 'medium', backend: 'local' },
    ])
    expect(resolveRole(given, 'worker', context(registry(provider('here', { models })))).chosen).toMatchObject({
      model_id: 'medium',
      parameter_class: 'P72B',
    })
  })

  it('rejects a candidate that claims another backend than it has', () => {
    const given = largest([
      { model_id: 'huge', backend: 'local' },
      { model_id: 'small', backend: 'cloud' },
    ])
    expect(resolveRole(given, 'worker', context(MIXED))).toMatchObject({
      chosen: null,
      rejected: [
        { model_id: 'huge', reason: 'backend_mismatch' },
        { model_id: 'small', reason: 'backend_mismatch' },
      ],
    })
  })

  it('falls back to primary and fallback when it has no candidate list', () => {
    const given = profile(assignment('small', { fallback_model_id: 'medium' }), {
      routing: { selection_policy: 'largest_available' },
    })
    expect(resolveRole(given, 'worker', context(MIXED)).chosen?.model_id).toBe('medium')
  })
})

describe('determinism (PROV-026)', () => {
  const model = fc.constantFrom('m0', 'm1', 'm2', 'm3')
  const entry = fc.record({
    provider_id: fc.stringMatching(/^[a-z]{1,3}$/),
    default_model_id: model,
    enabled: fc.boolean(),
    cloud: fc.boolean(),
    parameter_class: fc.option(fc.constantFrom(...ParameterClass.options), { nil: undefined }),
  })
  const entries = fc.uniqueArray(entry, { selector: ({ provider_id }) => provider_id, maxLength: 6 })
  const candidates = fc.uniqueArray(model, { minLength: 1 })

  it('does not depend on the order of registry entries, and chosen and rejected never overlap', () => {
    fc.assert(
      fc.property(
        entries,
        candidates,
        fc.func(fc.boolean()),
        fc.func(fc.option(fc.double())),
        fc.boolean(),
        (given, ids, ready, score, local_only) => {
          const providers = given.map(({ cloud, parameter_class, default_model_id, ...rest }) =>
            provider(rest.provider_id, {
              ...(cloud ? CLOUD : {}),
              ...rest,
              default_model_id,
              models: parameter_class ? [{ model_id: default_model_id, parameter_class }] : [],
            }),
          )
          const candidate_models = ids.flatMap((model_id) => [
            { model_id, backend: 'local' as const },
            { model_id, backend: 'cloud' as const },
          ])
          const routed = profile(assignment('m0', { local_only }), {
            routing: { selection_policy: 'largest_available', candidate_models },
          })
          const answers = {
            isReady: ({ provider_id, model_id }: { provider_id: string; model_id: string }) =>
              ready(provider_id, model_id),
            score: ({ model_id }: { model_id: string }) => score(model_id) ?? undefined,
          }
          const first = resolveRole(routed, 'worker', context(registry(...providers), answers))
          const second = resolveRole(routed, 'worker', context(registry(...providers.toReversed()), answers))
          expect(second).toEqual(first)
          const { chosen } = first
          if (!chosen) return
          expect(local_only && chosen.tier === 'cloud').toBe(false)
          expect(given.find(({ provider_id }) => provider_id === chosen.provider_id)?.enabled).toBe(true)
          expect(
            first.rejected.some(
              ({ provider_id, model_id, reason }) =>
                reason !== 'backend_mismatch' && provider_id === chosen.provider_id && model_id === chosen.model_id,
            ),
          ).toBe(false)
        },
      ),
      { seed: 6067, numRuns: 200 },
    )
  })
})

type Compute = NonNullable<WorkProfile['model_assignments']['worker']['compute']>

describe('compute hints (PROV-069, PROV-070)', () => {
  const computed = (compute: Compute, model = 'small') =>
    resolveRole(profile(assignment(model, { compute })), 'worker', context(MIXED)).chosen

  it('ignores a reasoning strength on a local backend and says CX-MM-005', () => {
    expect(computed({ cloud_reasoning_strength: 'high' })).toMatchObject({
      compute: { speed_preset: 'standard', approximate: false },
      notices: ['CX-MM-005'],
    })
    expect(computed({ cloud_reasoning_strength: 'high' })?.compute).not.toHaveProperty('cloud_reasoning_strength')
    expect(computed({ cloud_reasoning_strength: 'high' }, 'huge')).toMatchObject({
      compute: { cloud_reasoning_strength: 'high' },
      notices: [],
    })
  })

  it('approximates only under an active waiver', () => {
    const until = (waiver_expires_at: string) => ({ allowed: true, waiver_ref: 'w1', waiver_expires_at })
    const fast = (approximate?: NonNullable<Compute['approximate']>) =>
      computed({ speed_preset: 'fast_approx', ...(approximate && { approximate }) })
    expect(fast(until('2026-11-20T12:00:00.001Z'))).toMatchObject({
      compute: { speed_preset: 'fast_approx', approximate: true },
      notices: [],
    })
    const refused = { compute: { speed_preset: 'fast_exact', approximate: false }, notices: ['approximation_refused'] }
    expect(fast()).toMatchObject(refused)
    expect(fast(until(NOW))).toMatchObject(refused)
    expect(fast({ ...until('2027-01-01T00:00:00.000Z'), allowed: false })).toMatchObject(refused)
    expect(fast({ allowed: true, waiver_ref: 'w1' })).toMatchObject(refused)
    expect(fast({ allowed: true })).toMatchObject(refused)
    expect(computed({ approximate: { allowed: true } })).toMatchObject({ notices: ['approximation_refused'] })
  })

  it('passes an execution policy on', () => {
    expect(computed({ exec_policy_override: 'e1' })?.compute).toMatchObject({ exec_policy_override: 'e1' })
  })
})
