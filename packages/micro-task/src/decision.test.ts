import type { AttemptOutcome } from '@ctxlock/contracts/micro-task-iteration'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type Counters,
  type Decision,
  type DecisionState,
  INITIAL_COUNTERS,
  RECOVERABLE_BLOCK_REASONS,
  decide,
} from './decision.ts'

fc.configureGlobal({ seed: 20261120 })

const passed: AttemptOutcome = { kind: 'claimed', validation_passed: true, blocking_checks: 1 }
const refuted: AttemptOutcome = { kind: 'claimed', validation_passed: false, blocking_checks: 1 }
const working: AttemptOutcome = { kind: 'working' }
const malformed: AttemptOutcome = { kind: 'malformed_signal' }
const recoverable: AttemptOutcome = { kind: 'blocked', reason: 'missing_file_in_scope' }
const final: AttemptOutcome = { kind: 'blocked', reason: 'wants_more_files' }

const state = (changes: Partial<DecisionState> = {}): DecisionState => ({
  counters: INITIAL_COUNTERS,
  policy: { max_iterations_per_mt: 5, max_duration_ms: 1000 },
  retryBudget: 3,
  skipRequested: false,
  elapsedMs: 0,
  nextLevel: 'model',
  ...changes,
})
const counted = (attempts: number, consecutiveFailures: number, consecutiveFalseCompletions = 0): Counters => ({
  attempts,
  consecutiveFailures,
  consecutiveFalseCompletions,
})

describe('the table, row by row (T-MT-02)', () => {
  const cases: [string, DecisionState, AttemptOutcome, Decision['action'], Decision['row']][] = [
    ['claimed and validated', state(), passed, 'complete', 1],
    ['success wins over a wish to skip', state({ skipRequested: true }), passed, 'complete', 1],
    ['success wins over time', state({ elapsedMs: 99_999 }), passed, 'complete', 1],
    ['the user skips', state({ skipRequested: true }), working, 'skip', 2],
    ['the user skips an overlong job', state({ skipRequested: true, elapsedMs: 99_999 }), refuted, 'skip', 2],
    ['twice the duration is still in time', state({ elapsedMs: 2000 }), working, 'retry', 9],
    ['more than twice the duration', state({ elapsedMs: 2001 }), working, 'abort', 3],
    ['a second failure in a row', state({ counters: counted(1, 1) }), malformed, 'escalate', 4],
    ['failures of different kinds add up', state({ counters: counted(1, 1) }), final, 'escalate', 4],
    ['the retry budget is spent by a failure', state({ counters: counted(3, 0) }), malformed, 'escalate', 5],
    ['the retry budget is not spent by work', state({ counters: counted(3, 0) }), working, 'retry', 9],
    ['no retry budget, one failure', state({ retryBudget: 0 }), { kind: 'model_error' }, 'escalate', 5],
    ['the iterations are spent, even by work', state({ counters: counted(4, 0) }), working, 'escalate', 5],
    ['two false completions with work between', state({ counters: counted(2, 0, 1) }), refuted, 'escalate', 6],
    ['one false completion', state(), refuted, 'retry', 7],
    ['blocked for good', state(), final, 'escalate', 8],
    ['blocked, recoverable', state(), recoverable, 'retry', 9],
    ['still working', state(), working, 'retry', 9],
    ['a first malformed signal', state(), malformed, 'retry', 9],
    ['a first scope violation', state(), { kind: 'scope_violation' }, 'retry', 9],
    ['passed, but no blocking check ran', state(), { ...passed, blocking_checks: 0 }, 'hard_gate', 0],
    ['the chain ends at a gate', state({ nextLevel: 'hard_gate' }), final, 'hard_gate', 8],
    ['the chain ends', state({ nextLevel: 'none' }), final, 'abort', 8],
  ]
  test.each(cases)('%s', (_, before, outcome, action, row) => {
    expect(decide(before, outcome)).toMatchObject({ action, row })
  })

  test('each row is reached by a case above', () => {
    expect(new Set(cases.map(([, , , , row]) => row))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })

  test.each([...RECOVERABLE_BLOCK_REASONS])('%s is recoverable as written only', (reason) => {
    expect(decide(state(), { kind: 'blocked', reason })).toMatchObject({ row: 9 })
    expect(decide(state(), { kind: 'blocked', reason: reason.toUpperCase() })).toMatchObject({ row: 8 })
  })
})

describe('the counters', () => {
  const run = (outcomes: readonly AttemptOutcome[], changes: Partial<DecisionState> = {}) => {
    let counters = INITIAL_COUNTERS
    return outcomes.map((outcome) => {
      const decision = decide(state({ ...changes, counters }), outcome)
      counters = decision.counters
      return decision.action
    })
  }

  test('success, retry, false completion twice (T-MT-02)', () => {
    expect(run([passed])).toEqual(['complete'])
    expect(run([refuted, passed])).toEqual(['retry', 'complete'])
    expect(run([refuted, refuted])).toEqual(['retry', 'escalate'])
  })

  test('still working to the limit (T-MT-02)', () => {
    expect(run([working, working, working, working, working])).toEqual(['retry', 'retry', 'retry', 'retry', 'escalate'])
  })

  test('work between two failures interrupts them, a false completion is remembered', () => {
    expect(run([malformed, working, malformed])).toEqual(['retry', 'retry', 'retry'])
    expect(run([refuted, working, refuted])).toEqual(['retry', 'retry', 'escalate'])
  })

  test('success and a new level start again at zero', () => {
    expect(decide(state({ counters: counted(1, 1, 1) }), passed).counters).toEqual(INITIAL_COUNTERS)
    expect(decide(state({ counters: counted(1, 1, 1) }), refuted).counters).toEqual(INITIAL_COUNTERS)
  })

  test('a gate keeps the counters for the human who answers it', () => {
    const before = state({ counters: counted(1, 1, 1), nextLevel: 'hard_gate' })
    expect(decide(before, refuted).counters).toEqual(counted(2, 2, 2))
  })
})

describe('for every state and outcome', () => {
  const count = fc.nat({ max: 30 })
  const anyState: fc.Arbitrary<DecisionState> = fc.record({
    counters: fc.record({ attempts: count, consecutiveFailures: count, consecutiveFalseCompletions: count }),
    policy: fc.record({
      max_iterations_per_mt: fc.integer({ min: 1, max: 20 }),
      max_duration_ms: fc.integer({ min: 1 }),
    }),
    retryBudget: fc.integer({ min: 0, max: 5 }),
    skipRequested: fc.boolean(),
    elapsedMs: fc.nat(),
    nextLevel: fc.constantFrom('model', 'hard_gate', 'none'),
  })
  const anyOutcome: fc.Arbitrary<AttemptOutcome> = fc.oneof(
    fc.record({
      kind: fc.constant('claimed' as const),
      validation_passed: fc.boolean(),
      blocking_checks: fc.nat({ max: 3 }),
    }),
    fc.record({
      kind: fc.constant('blocked' as const),
      reason: fc.oneof(fc.string(), fc.constantFrom(...RECOVERABLE_BLOCK_REASONS)),
    }),
    fc.record({ kind: fc.constantFrom('working', 'malformed_signal', 'model_error', 'scope_violation') }),
  )

  test('there is one decision, always the same, and success is never given away', () => {
    fc.assert(
      fc.property(anyState, anyOutcome, (before, outcome) => {
        const decision = decide(before, outcome)
        expect(decide(structuredClone(before), structuredClone(outcome))).toEqual(decision)
        const validated = outcome.kind === 'claimed' && outcome.validation_passed && outcome.blocking_checks > 0
        expect(decision.action === 'complete').toBe(validated)
        if (decision.action === 'escalate') expect(before.nextLevel).toBe('model')
        if (decision.action === 'retry') expect(decision.counters.attempts).toBe(before.counters.attempts + 1)
      }),
      { numRuns: 5000 },
    )
  })

  test('no sequence of outcomes retries for ever on one level', () => {
    fc.assert(
      fc.property(
        fc.array(anyOutcome, { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (outcomes, limit) => {
          let counters = INITIAL_COUNTERS
          let retries = 0
          for (const outcome of outcomes) {
            const decision = decide(
              state({ counters, policy: { max_iterations_per_mt: limit, max_duration_ms: 1 }, retryBudget: 5 }),
              outcome,
            )
            if (decision.action !== 'retry') return
            counters = decision.counters
            retries += 1
            expect(retries).toBeLessThan(limit)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})
