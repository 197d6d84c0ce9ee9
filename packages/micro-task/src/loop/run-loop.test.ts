import { checkEvent } from '@ctxlock/contracts/events'
import { ProgressArtifact } from '@ctxlock/contracts/micro-task-run'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  AT,
  chainOf,
  decisionsOf,
  definition,
  FALSE_CLAIM,
  OUT_OF_SCOPE,
  PASSED,
  play,
  planOf,
  WORKING,
  type Attempt,
} from '../../test/support/loop.ts'
import { tokenWarning } from './token-warning.ts'
import { initialState } from './loop-state.ts'
import { progressArtifact } from './progress.ts'

const SEED = 20_261_122

/** Attempts in order; what comes after the last one passes. */
const inOrder = (attempts: readonly Attempt[]) => ({
  attempt: (_: unknown, number: number) => attempts[number - 1] ?? PASSED,
})

describe('decisions', () => {
  test('a success each: every micro-task once, at level 0, in waves', async () => {
    const plan = planOf([definition(1, { depends_on: ['MT-003'] }), definition(2), definition(3)])
    const { state, events } = await play(plan, inOrder([]))
    expect(decisionsOf(events)).toEqual(['MT-002@0 complete', 'MT-003@0 complete', 'MT-001@0 complete'])
    expect(state.end?.status).toBe('completed')
    expect(events.map(({ type }) => type)).toEqual([
      'micro_task_loop_started',
      ...[1, 2, 3].flatMap(() => ['micro_task_iteration_complete', 'micro_task_complete']),
      'micro_task_loop_completed',
    ])
  })

  test('two false completions in a row escalate; the number of the step runs on, that of the level begins again (MT-016)', async () => {
    const { requests, events } = await play(planOf([definition(1)]), inOrder([FALSE_CLAIM, FALSE_CLAIM]))
    expect(requests.map(({ stepId, iteration, modelId }) => [stepId, iteration, modelId])).toEqual([
      ['MT-001_iter-001', 1, 'small'],
      ['MT-001_iter-002', 2, 'small'],
      ['MT-001_iter-003', 1, 'large'],
    ])
    expect(decisionsOf(events)).toEqual(['MT-001@0 retry', 'MT-001@0 escalate', 'MT-001@1 complete'])
  })

  test('still working ends a level at its last iteration', async () => {
    const { requests } = await play(
      planOf([definition(1)], { max_iterations_per_mt: 3 }),
      inOrder([WORKING, WORKING, WORKING]),
    )
    expect(requests.map(({ level }) => level)).toEqual([0, 0, 0, 1])
  })

  test('an error of the checks escalates at once, a refused command ends the job', async () => {
    const broken: Attempt = { outcome: { kind: 'validation_error' } }
    expect(decisionsOf((await play(planOf([definition(1)]), inOrder([broken]))).events)).toEqual([
      'MT-001@0 escalate',
      'MT-001@1 complete',
    ])
    const refused: Attempt = { ...broken, demand: { kind: 'fail_job', code: 'COMMAND_NOT_ALLOWED' } }
    expect((await play(planOf([definition(1)]), inOrder([refused]))).state.end).toMatchObject({
      status: 'failed',
      code: 'COMMAND_NOT_ALLOWED',
    })
  })
})

describe('gates', () => {
  const never = { attempt: () => FALSE_CLAIM }

  test.each([
    ['abort', 'failed', ['micro_task_loop_failed']],
    ['skip', 'completed_with_issues', ['micro_task_skipped', 'micro_task_skipped', 'micro_task_loop_completed']],
  ] as const)('%s at the end of the chain: %s', async (decision, status, after) => {
    const plan = planOf([definition(1), definition(2, { depends_on: ['MT-001'] })])
    const { state, events, gates, requests } = await play(plan, { ...never, answer: () => decision })
    expect([state.end?.status, gates]).toEqual([status, ['gate-1/escalation_exhausted/MT-001']])
    expect(requests).toHaveLength(4)
    const types = events.map(({ type }) => type)
    expect(types.slice(types.indexOf('micro_task_hard_gate'))).toEqual([
      'micro_task_hard_gate',
      'micro_task_resumed',
      ...after,
    ])
  })

  test('continue grants another round at the last level, or the cloud model behind the gate', async () => {
    const again = await play(planOf([definition(1)]), {
      attempt: (_, number) => (number <= 4 ? FALSE_CLAIM : PASSED),
      answer: () => 'continue',
    })
    expect(again.requests.map(({ modelId }) => modelId)).toEqual(['small', 'small', 'large', 'large', 'large'])
    const policy = { escalation_chain: chainOf('small', 'GATE', 'cloud-1'), cloud_escalation_allowed: true }
    const above = await play(planOf([definition(1)], policy), {
      attempt: (_, number) => (number <= 2 ? FALSE_CLAIM : PASSED),
      answer: () => 'continue',
    })
    expect(above.requests.map(({ modelId, isCloud }) => [modelId, isCloud])).toEqual([
      ['small', false],
      ['small', false],
      ['cloud-1', true],
    ])
  })

  test('with cloud models disabled the chain ends before them: no gate leads there (MT-028)', async () => {
    const policy = { escalation_chain: chainOf('small', 'cloud-1', 'GATE') }
    const { state, requests, gates } = await play(planOf([definition(1)], policy), never)
    expect([state.end?.status, gates, requests.length]).toEqual(['failed', [], 2])
  })

  test('LOCKED answers itself with abort (MT-009)', async () => {
    const { state, gates, events } = await play(planOf([definition(1)], {}, true), never)
    expect([state.end?.status, gates]).toEqual(['failed', []])
    expect(events.find((event) => event.type === 'micro_task_resumed')?.payload).toEqual({
      resumed_by: 'policy',
      decision: 'abort',
    })
  })

  test('a pause point waits before the micro-task starts (MT-010)', async () => {
    const { gates, requests } = await play(planOf([definition(1), definition(2)], { pause_points: ['MT-002'] }), {
      ...inOrder([]),
      answer: () => 'continue',
    })
    expect([gates, requests.length]).toEqual([['gate-1/pause_point/MT-002'], 2])
  })

  test("a claim without a check that decides is a person's to accept (MT-042)", async () => {
    const unchecked: Attempt = { outcome: { kind: 'claimed', validation_passed: true, blocking_checks: 0 } }
    const { gates, state } = await play(planOf([definition(1)]), { ...inOrder([unchecked]), answer: () => 'continue' })
    expect([gates, state.end?.status]).toEqual([['gate-1/no_blocking_verification/MT-001'], 'completed'])
  })

  test.each([
    ['iterations', { max_total_iterations: 2, max_iterations_per_mt: 20 }, WORKING, 'max_total_iterations'],
    ['time', { max_duration_ms: 100, max_iterations_per_mt: 20 }, { ...WORKING, durationMs: 60 }, 'max_duration'],
    ['tokens of a micro-task', { max_iterations_per_mt: 20 }, { ...WORKING, tokens: 8000 }, 'token_limit'],
    [
      'tokens of the job',
      { max_iterations_per_mt: 20, max_total_tokens: 5000 },
      { ...WORKING, tokens: 4000 },
      'token_limit',
    ],
  ] as const)(
    'the limit of %s asks before the next call (T-MT-12, MT-009, MT-051)',
    async (_, policy, attempt, reason) => {
      const { gates } = await play(planOf([definition(1)], policy), { attempt: () => attempt })
      expect(gates).toEqual([`gate-1/${reason}/MT-001`])
    },
  )

  test('an iteration above twice its budget has failed, and a job above twice its time ends without a question (T-MT-12)', async () => {
    const greedy = await play(planOf([definition(1)]), inOrder([{ ...PASSED, tokens: 8193 }]))
    expect(decisionsOf(greedy.events)).toEqual(['MT-001@0 retry', 'MT-001@0 complete'])
    const slow = await play(
      planOf([definition(1)], { max_duration_ms: 100 }),
      inOrder([{ ...WORKING, durationMs: 201 }]),
    )
    expect(slow.state.end).toMatchObject({ status: 'poisoned', code: 'max_duration' })
  })

  test('ten times the budgets of a job are said once, when it gets there (T-MT-12, MT-051)', () => {
    const plan = planOf([definition(1), definition(2)])
    const threshold = 10 * 2 * 4096
    const { totals } = initialState(plan, AT)
    const after = (tokens: number) => ({ ...totals, tokensPrompt: tokens - 1, tokensCompletion: 1 })
    expect(tokenWarning(plan, undefined, totals)).toBeUndefined()
    expect(tokenWarning(plan, totals, after(threshold - 1))).toBeUndefined()
    expect(tokenWarning(plan, after(threshold - 1), after(threshold))).toEqual({ used: threshold, threshold })
    expect(tokenWarning(plan, after(threshold), after(2 * threshold))).toBeUndefined()
  })
})

describe('levels', () => {
  const CHAIN = { escalation_chain: chainOf('m0', 'm1', 'm2', 'm3', 'm4', 'GATE') }

  test('T-MT-03: up through four levels, done at the fifth, and back: a record of the way, an event for each step', async () => {
    const up = [0, 1, 2, 3].flatMap(() => [FALSE_CLAIM, FALSE_CLAIM])
    const { events, records, requests } = await play(planOf([definition(1), definition(2)], CHAIN), inOrder(up))
    expect(requests.map(({ level }) => level)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 0])
    const steps = events.filter(({ type }) => /escalated|drop_back|hard_gate/.test(type))
    expect(steps.map(({ type, payload }) => [type, payload])).toMatchObject([
      ...[0, 1, 2, 3].map((level) => [
        'micro_task_escalated',
        {
          from_level: level,
          to_level: level + 1,
          from_model: `m${level}`,
          to_model: `m${level + 1}`,
          iterations_at_previous_level: 2,
        },
      ]),
      ['micro_task_drop_back', { from_level: 4, to_level: 0, from_model: 'm4', to_model: 'm0' }],
    ])
    expect(records.at(-1)).toMatchObject({
      mt_id: 'MT-001',
      wp_id: 'wp',
      escalation_chain: [
        ...[0, 1, 2, 3].map((level) => ({ level, model_id: `m${level}`, iterations: 2, outcome: 'ESCALATE' })),
        { level: 4, model_id: 'm4', iterations: 1, outcome: 'SUCCESS' },
      ],
      remediation: {
        success_level: 4,
        success_model_id: 'm4',
        failure_category: 'unknown',
        drop_back_decision: { action: 'DROP_BACK', target_level: 0, confidence: 'LOW' },
      },
    })
  })

  test('T-MT-03: failures at all levels wait at the gate, where a person decides', async () => {
    const { events, gates, records, requests } = await play(planOf([definition(1)], CHAIN), {
      attempt: () => FALSE_CLAIM,
    })
    expect([requests.length, gates]).toEqual([10, ['gate-1/escalation_exhausted/MT-001']])
    expect(events.find(({ type }) => type === 'micro_task_hard_gate')?.payload).toMatchObject({ level: 4 })
    const way = records.at(-1)?.escalation_chain.map(({ level, outcome }) => `${level} ${outcome}`)
    expect(way).toEqual(['0 ESCALATE', '1 ESCALATE', '2 ESCALATE', '3 ESCALATE', '4 HARD_GATE'])
  })

  test.each([
    ['logic_error_regression', 1, 1],
    ['hallucination_api', 1, 1],
    ['context_overflow', 1, 1],
    ['syntax_error_isolated', 0, 0],
    ['validation_flaky', 0, 0],
    ['scope_violation', 0, 0],
    ['syntax_error_systemic', 0, 1],
    ['timeout_exceeded', 0, 1],
    ['incomplete_implementation', 0, 1],
    ['unknown', 0, 1],
  ] as const)(
    'T-MT-03: smart drop-back after %s: level %i for what is simpler, %i for what is not',
    async (category, ...levels) => {
      const failing = { ...FALSE_CLAIM, category }
      for (const [index, level] of levels.entries()) {
        const rest = definition(2, index === 0 ? {} : { token_budget: 4097 })
        const { requests, records, state } = await play(planOf([definition(1), rest]), inOrder([failing, failing]))
        expect(requests.at(-1)).toMatchObject({ level })
        expect(records.at(-1)?.remediation).toMatchObject({ success_level: 1, failure_category: category })
        expect(state.totals).toMatchObject({ escalations: 1, swaps: level === 0 ? 2 : 1 })
      }
    },
  )

  test('never and always', async () => {
    for (const [drop_back_strategy, level] of [
      ['never', 1],
      ['always', 0],
    ] as const) {
      const { requests } = await play(
        planOf([definition(1), definition(2)], { drop_back_strategy }),
        inOrder([FALSE_CLAIM, OUT_OF_SCOPE]),
      )
      expect(requests.at(-1)).toMatchObject({ level })
    }
  })

  test('a swap that was taken back is no escalation, and one that failed ends the job (SWAP-022)', async () => {
    const kept = await play(planOf([definition(1)]), {
      ...inOrder([FALSE_CLAIM, FALSE_CLAIM]),
      swap: () => ({ status: 'kept_current' }),
    })
    expect(kept.requests.map(({ modelId }) => modelId)).toEqual(['small', 'small', 'small'])
    expect(kept.state.totals.escalations).toBe(0)
    const failed = await play(planOf([definition(1)]), {
      ...inOrder([FALSE_CLAIM, FALSE_CLAIM]),
      swap: () => ({ status: 'failed', code: 'CX-MM-003', reason: 'load_failed' }),
    })
    expect(failed.state.end).toMatchObject({ status: 'failed', code: 'CX-MM-003' })
  })

  test('levels that differ only in their LoRA are left out (MT-027)', async () => {
    const escalation_chain = chainOf('small', 'small', 'large', 'GATE')
    const { requests } = await play(planOf([definition(1)], { escalation_chain }), inOrder([FALSE_CLAIM, FALSE_CLAIM]))
    expect(requests.map(({ level }) => level)).toEqual([0, 0, 2])
  })
})

test.each([
  ['MODULE_MISSING', { enable_distillation: true }],
  ['MODULE_MISSING', { lora_selection: 'auto_by_task_tags' as const }],
  ['CHAIN_INVALID', { escalation_chain: [] }],
  ['CHAIN_INVALID', { escalation_chain: chainOf('GATE', 'small') }],
])('%s: a policy that cannot be followed is refused (T-MT-08, T-CLOUD-005, MT-067)', (code, policy) => {
  expect(() => planOf([definition(1)], policy)).toThrow(expect.objectContaining({ code }))
})

const attempt: fc.Arbitrary<Attempt> = fc.record(
  {
    outcome: fc.oneof(
      fc.record({ kind: fc.constant('claimed' as const), validation_passed: fc.boolean(), blocking_checks: fc.nat(2) }),
      fc.record({ kind: fc.constant('blocked' as const), reason: fc.constantFrom('missing_file_in_scope', 'other') }),
      fc.record({
        kind: fc.constantFrom(
          'working',
          'malformed_signal',
          'model_error',
          'scope_violation',
          'validation_error' as const,
        ),
      }),
    ),
    demand: fc.constantFrom(
      { kind: 'resource_gate' as const },
      { kind: 'fail_job' as const, code: 'COMMAND_NOT_ALLOWED' },
    ),
    category: fc.constantFrom('unknown', 'scope_violation', 'hallucination_api' as const),
    tokens: fc.nat(9000),
    durationMs: fc.nat(5000),
    requested: fc.constantFrom('pause', 'skip' as const),
  },
  { requiredKeys: ['outcome'] },
)

test('whatever models, people and swaps do: it ends, within its iterations, with events that can be recorded', async () => {
  const policies = fc.record({
    max_total_iterations: fc.integer({ min: 1, max: 30 }),
    max_iterations_per_mt: fc.integer({ min: 1, max: 5 }),
    max_duration_ms: fc.integer({ min: 1, max: 20_000 }),
    drop_back_strategy: fc.constantFrom('always', 'never', 'smart' as const),
    escalation_chain: fc.constantFrom(
      chainOf('small'),
      chainOf('small', 'large'),
      chainOf('small', 'large', 'GATE', 'huge'),
    ),
    pause_points: fc.constantFrom<string[]>([], ['MT-002']),
  })
  const hash = '0'.repeat(64)
  const recorded = { event_id: uuid(2), timestamp: AT, salt: '0'.repeat(32), seq: 1, prev_hash: hash, event_hash: hash }
  const own = { actor: 'system', trace_id: uuid(1), job_id: 'job', workflow_run_id: 'run', wp_id: 'wp' }
  const envelope = { schema_version: 'hsk.fr_event@1', ...recorded, ...own }
  await fc.assert(
    fc.asyncProperty(
      policies,
      fc.array(attempt, { minLength: 1, maxLength: 40 }),
      fc.array(fc.constantFrom('skip', 'abort', 'continue' as const), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (policy, attempts, answers, locked) => {
        const plan = planOf([definition(1), definition(2, { depends_on: ['MT-001'] }), definition(3)], policy, locked)
        let granted = 1
        const { state, events, requests } = await play(plan, {
          attempt: (_, number) => attempts[number % attempts.length] ?? PASSED,
          answer(key, number) {
            const decision = number > 8 ? 'abort' : (answers[number % answers.length] ?? 'abort')
            if (decision === 'continue' && key.includes('max_total_iterations')) granted += 1
            return decision
          },
          swap: (number) => (number % 3 === 0 ? { status: 'kept_current' } : { status: 'completed' }),
        })
        expect(requests.length).toBeLessThanOrEqual(granted * policy.max_total_iterations)
        expect(state.end).toBeDefined()
        const progress = progressArtifact(plan, state, { jobId: 'job', updatedAt: AT })
        expect(ProgressArtifact.safeParse(progress).error?.issues ?? []).toEqual([])
        // Nothing is complete that no check or person accepted.
        for (const [index, { status, iterations }] of state.tasks.entries()) {
          if (status === 'completed') expect(iterations.at(-1)?.claimed_complete, `task ${index}`).toBe(true)
        }
        for (const event of events) {
          expect(checkEvent({ ...envelope, ...event })).toMatchObject({ ok: true })
        }
      },
    ),
    { seed: SEED, numRuns: 300 },
  )
})

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}
