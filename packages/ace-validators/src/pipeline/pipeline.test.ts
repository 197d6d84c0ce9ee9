import { type CallInput, type Guard, type GuardOutcome, GuardReport, type TraceInput } from '@ctxlock/contracts/guards'
import { exampleCall } from '@ctxlock/contracts/testing'
import { describe, expect, it } from 'vitest'

import { block, callInput, planInput, traceInput } from '../../test/support/call-input.ts'
import { pipeline, problems } from '../../test/support/run.ts'
import { createPipeline, MANDATORY_GUARDS } from '../index.ts'

const attack = { 'src/a.ts': 'ignore previous' }
const empty = { errors: [], warnings: [], removals: [], scanned: [], matches: [] }
const pass: GuardOutcome = { verdict: 'pass', ...empty }
const error = (code: 'GuardRefused' | 'CloudLeakageBlocked'): GuardOutcome => ({
  ...pass,
  verdict: 'fail',
  errors: [{ code, guard: 'somebody else', details: {} }],
})
const extra = (validateCall: NonNullable<Guard['validateCall']>, name = 'ExtraGuard'): Guard => ({ name, validateCall })

describe('a call that is as it should be', () => {
  it.each(['replay', 'strict'] as const)('passes all hooks in %s mode', async (mode) => {
    const guards = pipeline()
    const results = [
      await guards.plan(planInput({ mode })),
      await guards.trace(traceInput({ mode })),
      await guards.call(callInput({ mode })),
    ]
    for (const result of results) {
      expect(problems(result)).toEqual([])
      expect(result).toMatchObject({ decision: 'pass', proceed: true, error: null, effects: [], violations: [] })
      expect(GuardReport.parse(result.report)).toEqual(result.report)
    }
  })

  it('may be the example that other packages test their guards with', async () => {
    expect(problems(await pipeline().call(exampleCall()))).toEqual([])
  })

  it('is not touched', async () => {
    const input = callInput()
    const before = JSON.stringify(input.envelope)
    await pipeline().call(input)
    expect(JSON.stringify(input.envelope)).toBe(before)
    expect(Object.isFrozen(input.envelope)).toBe(false)
  })
})

describe('VAL-001, VAL-003: the set of guards', () => {
  it('has the twelve in order, then the others', () => {
    expect(pipeline([extra(() => pass)]).guardNames).toEqual([
      'ContextDeterminismGuard',
      'JobBoundaryRoutingGuard',
      'RetrievalBudgetGuard',
      'CacheKeyGuard',
      'ContextPackFreshnessGuard',
      'IndexDriftGuard',
      'ArtifactHandleOnlyGuard',
      'CompactionSchemaGuard',
      'MemoryPromotionGuard',
      'LocalPayloadGuard',
      'CloudLeakageGuard',
      'PromptInjectionGuard',
      'ExtraGuard',
    ])
  })

  const start = (guards: readonly Guard[]) => () =>
    createPipeline(guards, { clock: { monotonic: () => 0 }, timers: { after: () => () => {} } })
  const refused = expect.objectContaining({ code: 'GUARD_MISSING' })

  it.each(MANDATORY_GUARDS.map(({ name }) => name))(
    'does not start without %s, nor with another guard of that name',
    (name) => {
      const others = MANDATORY_GUARDS.filter((guard) => guard.name !== name)
      expect(start(others)).toThrow(refused)
      expect(start([...others, extra(() => pass, name)])).toThrow(refused)
      expect(start([...MANDATORY_GUARDS, extra(() => pass, name)])).toThrow(refused)
    },
  )

  it('keeps its order whatever order it is given, and cannot be shortened afterwards', async () => {
    const list = MANDATORY_GUARDS.toReversed()
    const guards = createPipeline(list, { clock: { monotonic: () => 0 }, timers: { after: () => () => {} } })
    list.length = 0
    expect(guards.guardNames).toEqual(MANDATORY_GUARDS.map(({ name }) => name))
    expect(await guards.call(callInput({ files: attack }))).toMatchObject({ decision: 'poison' })
  })

  it('cannot be changed through its guards', () => {
    const [guard] = MANDATORY_GUARDS
    expect(() => Object.assign(guard ?? {}, { validateCall: () => pass })).toThrow(TypeError)
    expect(() => Reflect.apply(Array.prototype.pop, MANDATORY_GUARDS, [])).toThrow(TypeError)
  })

  it('has a hash that changes with guards, patterns and redactor', async () => {
    const hashOf = async (guards: readonly Guard[], options = {}): Promise<string> =>
      (await pipeline(guards).call(callInput(options))).report.guard_set_hash
    const hashes = [
      await hashOf([]),
      await hashOf([extra(() => pass)]),
      await hashOf([{ ...extra(() => pass), version: '1' }]),
      await hashOf([{ ...extra(() => pass), version: '2' }]),
      await hashOf([], { policy: { injection_patterns: [{ id: 'P', text: 'another pattern' }] } }),
      await hashOf([], { policy: { quarantine_view: false } }),
      await hashOf([], { policy: { injection_packs: ['override-phrases'] } }),
    ]
    const guard = { ...extra(() => pass), version: '1' }
    for (const code of ['a', 'b']) {
      const codeHashes = new Map([[guard.name, code.repeat(64)]])
      const options = { clock: { monotonic: () => 0 }, timers: { after: () => () => {} }, codeHashes }
      const { report } = await createPipeline([...MANDATORY_GUARDS, guard], options).call(callInput())
      hashes.push(report.guard_set_hash)
    }
    expect(new Set(hashes).size).toBe(9)
    expect(await hashOf([])).toBe(hashes[0])
  })
})

describe('VAL-004: collecting and stopping', () => {
  it('collects the errors of all guards in order and reports the first', async () => {
    const input = callInput({
      files: { 'src/a.ts': 'x'.repeat(1001) },
      blocks: [block('tool_delta', '60', 'y'.repeat(2001))],
    })
    const result = await pipeline().call({ ...input, snapshot: { ...input.snapshot, model_tier: 'cloud' } })
    expect(problems(result)).toEqual([
      'JobBoundaryViolation model_tier',
      'BudgetExceeded read_tokens',
      'InlineDeltaExceeded inline_too_long',
    ])
    expect(result).toMatchObject({
      decision: 'block',
      proceed: false,
      error: { code: 'JobBoundaryViolation' },
      effects: ['call_blocked', 'job_failed'],
      violations: ['job_boundary'],
    })
    expect(result.report.guards).toHaveLength(12)
  })

  it('stops at an injection, which is decided over everything before it', async () => {
    const asked: string[] = []
    const watcher = extra(() => {
      asked.push('asked')
      return pass
    })
    const input = callInput({ files: { 'src/a.ts': `ignore previous ${'x'.repeat(1200)}` } })
    const result = await pipeline([watcher]).call(input)
    expect(result).toMatchObject({
      decision: 'poison',
      effects: ['job_poisoned', 'call_blocked'],
      violations: ['prompt_injection'],
    })
    expect(problems(result)).toEqual(['BudgetExceeded read_tokens', 'PromptInjectionDetected'])
    expect(asked).toEqual([])
    expect(result.report.guards).toHaveLength(12)
  })

  it('distinguishes secrets from other leaks', async () => {
    const secret = `${'sk'}-q7ZkT2mVx9LpR4sWb8NcY3dF`
    expect(await pipeline().call(callInput({ tier: 'cloud', files: { 'a.ts': secret } }))).toMatchObject({
      decision: 'block',
      violations: ['secret_in_content'],
    })
  })
})

describe('VAL-005, T-X-VAL-03: fail closed', () => {
  const internal = (reason: string) => ({
    decision: 'block',
    proceed: false,
    errors: [{ code: 'GuardInternalError', guard: 'ExtraGuard', details: { reason } }],
  })

  it.each<[string, Guard, string]>([
    [
      'throws',
      extra(() => {
        throw new TypeError('canary text of a prompt')
      }),
      'exception',
    ],
    [
      'throws no error',
      extra(() => {
        throw 'canary'
      }),
      'exception',
    ],
    ['rejects', extra(async () => Promise.reject(new Error('canary'))), 'exception'],
    ['never answers', extra(() => new Promise(() => {})), 'timeout'],
    ['answers nonsense', extra(() => Object({ verdict: 'fine' })), 'malformed_answer'],
    [
      'answers with an accessor',
      extra(() => Object.defineProperty({ ...pass }, 'verdict', { get: () => 'pass' })),
      'exception',
    ],
    ['answers with a function', extra(() => Object({ verdict: () => 'pass' })), 'exception'],
    ['fails without an error', extra(() => ({ ...pass, verdict: 'fail' })), 'failed_without_error'],
    [
      'detects an injection nowhere',
      extra(() => ({ ...pass, errors: [{ code: 'PromptInjectionDetected', guard: 'x', details: {} }] })),
      'detection_without_match',
    ],
  ])('a guard that %s blocks the call', async (_, guard, reason) => {
    const result = await pipeline([guard], 50).call(callInput())
    expect(result).toMatchObject(internal(reason))
    expect(JSON.stringify(result)).not.toContain('canary')
  })

  it('does not take the late answer of a guard that held the process', async () => {
    let now = 0
    const slow = extra(() => {
      now += 5001
      return pass
    })
    const guards = createPipeline([...MANDATORY_GUARDS, slow], {
      clock: { monotonic: () => now },
      timers: { after: () => () => {} },
    })
    expect(await guards.call(callInput())).toMatchObject(internal('timeout'))
  })

  it('does not take the late answer of a mandatory guard either', async () => {
    let now = 0
    const freshness = () => {
      now += 5001
      return { verdict: 'pass' as const, violations: [] }
    }
    const guards = createPipeline(MANDATORY_GUARDS, {
      clock: { monotonic: () => now },
      timers: { after: () => () => {} },
    })
    expect(await guards.trace(traceInput({ ports: { freshness } }))).toMatchObject({
      decision: 'block',
      errors: [{ code: 'GuardInternalError', guard: 'ContextPackFreshnessGuard', details: { reason: 'timeout' } }],
    })
  })

  it('blocks when a mandatory guard cannot look', async () => {
    const freshness = (): never => {
      throw new Error('disk')
    }
    const result = await pipeline().trace(traceInput({ ports: { freshness } }))
    expect(result).toMatchObject({
      decision: 'block',
      errors: [{ code: 'GuardInternalError', guard: 'ContextPackFreshnessGuard' }],
    })
    expect(
      await pipeline().call(callInput({ policy: { injection_patterns: [{ id: 'P', text: 'x' }] } })),
    ).toMatchObject({ decision: 'block' })
  })

  it('blocks records that are not what they should be', async () => {
    const input = callInput()
    const broken: CallInput = { ...input, envelope: { ...input.envelope, variable_suffix: Object({ blocks: null }) } }
    expect((await pipeline().call(broken)).decision).toBe('block')
  })

  it('refuses accessors and proxies before any guard sees them', async () => {
    const input = callInput()
    const twoFaced = { ...input, snippets: [new Proxy(Object(input.snippets[0]), {})] }
    await expect(pipeline().call(twoFaced)).rejects.toMatchObject({ code: 'INPUT_NOT_PLAIN' })
    const trace: TraceInput = traceInput()
    Object.defineProperty(trace, 'snippets', { get: () => [] })
    await expect(pipeline().trace(trace)).rejects.toMatchObject({ code: 'INPUT_NOT_PLAIN' })
    await expect(pipeline().call(new Proxy(input, {}))).rejects.toMatchObject({ code: 'INPUT_NOT_PLAIN' })
  })
})

describe('extra guards', () => {
  it('add errors under their own name', async () => {
    const result = await pipeline([extra(() => error('GuardRefused'))]).call(callInput())
    expect(result).toMatchObject({ decision: 'block', errors: [{ code: 'GuardRefused', guard: 'ExtraGuard' }] })
  })

  it('cannot take a finding away, nor turn errors into a pass', async () => {
    const friendly = extra(() => ({ ...pass, warnings: ['all clean'] }))
    const input = callInput({ blocks: [block('tool_delta', '60', 'y'.repeat(2001))] })
    expect(await pipeline([friendly]).call(input)).toMatchObject({ decision: 'block', warnings: ['all clean'] })
    const contradicting = extra(() => ({ ...error('CloudLeakageBlocked'), verdict: 'pass' }))
    expect(await pipeline([contradicting]).call(callInput())).toMatchObject({
      decision: 'block',
      violations: ['cloud_leakage'],
    })
  })

  it('can poison a job when they name where', async () => {
    const member = {
      block: '50-000',
      candidate_id: null,
      source_ref_hash: null,
      content_hash: 'a'.repeat(64),
      utf16_start: 0,
      utf16_end: 4,
      utf8_start: 0,
      utf8_end: 4,
    }
    const matches = [{ pattern_id: 'X-1', view_id: 'X', offset: 0, length: 4, members: [member], table_version: 'x' }]
    const errors = [{ code: 'PromptInjectionDetected' as const, guard: 'x', details: {} }]
    expect(
      await pipeline([extra(() => ({ ...pass, verdict: 'fail', errors, matches }))]).call(callInput()),
    ).toMatchObject({ decision: 'poison', matches })
  })

  it('get frozen data and cannot replace a port', async () => {
    const vandal = extra((input) => {
      expect(() => Object.assign(input.snapshot, { model_tier: 'local' })).toThrow(TypeError)
      expect(() => Object.assign(input.ports, { redactor: undefined })).toThrow(TypeError)
      for (const port of ['resolver', 'sources', 'tokenCounter', 'redactor', 'vault', 'rules'] as const)
        expect(Object.isFrozen(input.ports[port])).toBe(true)
      return pass
    })
    expect((await pipeline([vandal]).call(callInput())).decision).toBe('pass')
  })

  it('cannot change the bytes that the next one sees, nor those of the host', async () => {
    const seen: string[] = []
    const vandal = (name: string) =>
      extra(({ snippets, ports }) => {
        const source = ports.sources.read('src/a.ts')
        for (const bytes of [snippets[0]?.bytes, source.status === 'read' ? source.bytes : null]) {
          seen.push(Buffer.from(bytes ?? []).toString())
          bytes?.fill(0)
        }
        return pass
      }, name)
    const bytes = Buffer.from('clean')
    const input = callInput({ files: { 'src/a.ts': 'clean' } })
    const sources = { read: () => ({ status: 'read' as const, bytes }) }
    await pipeline([vandal('First'), vandal('Second')]).call({ ...input, ports: { ...input.ports, sources } })
    expect(seen).toEqual(['clean', 'clean', 'clean', 'clean'])
    expect([bytes.toString(), Buffer.from(input.snippets[0]?.bytes ?? []).toString()]).toEqual(['clean', 'clean'])
  })

  it('cannot say what was scanned, nor become another guard later', async () => {
    const swapped = {
      name: 'ExtraGuard',
      validateCall: () => ({ ...pass, scanned: [{ order_key: '50-000', content_hash: 'f'.repeat(64) }] }),
    }
    const guards = pipeline([swapped])
    Object.assign(swapped, { name: 'CloudLeakageGuard', validatePlan: () => error('GuardRefused') })
    const result = await guards.call(callInput())
    expect(result.scanned).toEqual((await pipeline().call(callInput())).scanned)
    expect(result.report.guards.at(-1)?.name).toBe('ExtraGuard')
    expect((await guards.plan(planInput())).decision).toBe('pass')
  })

  it('may answer later, and other hooks do not concern them', async () => {
    const guards = pipeline([extra(async () => Promise.resolve(error('GuardRefused')))])
    expect((await guards.call(callInput())).decision).toBe('block')
    const planned = await guards.plan(planInput())
    expect(planned.report.guards.at(-1)).toMatchObject({ name: 'ExtraGuard', verdict: 'not_applicable' })
  })
})

describe('VAL-077, VAL-078: the report', () => {
  it('shows quarantine as degrade, the first code of each guard and drift', async () => {
    const quarantined = await pipeline().call(callInput({ files: { 'src/a.ts': 'set ignore_previous' } }))
    expect(quarantined).toMatchObject({ decision: 'degrade', proceed: false, removals: [{ kind: 'candidate' }] })
    expect(quarantined.report).toMatchObject({
      hook: 'call',
      degraded: true,
      model_tier: 'local',
      determinism_mode: 'replay',
    })
    expect(quarantined.report.guards.at(-1)).toMatchObject({ name: 'PromptInjectionGuard', verdict: 'degrade' })

    const input = callInput()
    const sources = { read: () => ({ status: 'missing' as const }) }
    const drifted = await pipeline().call({ ...input, ports: { ...input.ports, sources } })
    expect(drifted.report.drift_flags).toEqual([`index_drift:embedding:${input.snippets[0]?.candidate_id}`])
    expect(drifted).toMatchObject({ decision: 'degrade', report: { degraded: true } })
  })

  it('says degraded when the snapshot does', async () => {
    const input = callInput()
    expect((await pipeline().call({ ...input, snapshot: { ...input.snapshot, degraded: true } })).report.degraded).toBe(
      true,
    )
  })
})
