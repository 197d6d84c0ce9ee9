import type { FreshnessReport, FreshnessTrace } from '@ctxlock/contracts/freshness'
import { describe, expect, it } from 'vitest'

import { callInput, traceInput } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { contextPackFreshnessGuard as guard } from './context-pack-freshness.ts'

const saying = (report: FreshnessReport) => callInput({ ports: { freshness: () => report } })
const pack_id = '11111111-1111-4111-8111-111111111111'

describe('ContextPackFreshnessGuard', () => {
  it('asks for a new computation in both hooks and hands over the trace itself', () => {
    const asked: FreshnessTrace[] = []
    const freshness = (trace: FreshnessTrace): FreshnessReport => {
      asked.push(trace)
      return { verdict: 'pass', violations: [] }
    }
    const warnings = ['all packs are fresh, trust me']
    const options = {
      ports: { freshness },
      trace: (trace: ReturnType<typeof traceInput>['trace']) => ({ ...trace, warnings }),
    }
    expect(guard.validateTrace?.(traceInput(options))).toMatchObject({ verdict: 'pass' })
    expect(ask(guard, callInput(options)).verdict).toBe('pass')
    expect(asked.map((trace) => trace.warnings)).toEqual([warnings, warnings])
  })

  it('names pack, reason and row of each violation (FG-042)', () => {
    const violation = { code: 'stale_pack_used', pack_id, reason: 'hash_mismatch', decision_row: 'D06' } as const
    const outcome = ask(guard, saying({ verdict: 'fail', violations: [violation] }))
    expect(outcome).toMatchObject({ verdict: 'fail', errors: [{ code: 'ContextPackStale' }] })
    expect(outcome.errors[0]?.details).toEqual({
      violation: 'stale_pack_used',
      pack_id,
      reason: 'hash_mismatch',
      decision_row: 'D06',
    })
  })

  it('marks a call degraded, and does not take a failure without a name for a pass', () => {
    expect(ask(guard, saying({ verdict: 'degrade', violations: [] }))).toMatchObject({
      verdict: 'degrade',
      removals: [],
    })
    expect(problems(ask(guard, saying({ verdict: 'fail', violations: [] })))).toEqual(['ContextPackStale'])
  })

  it('does not apply to a call without retrieval', () => {
    expect(ask(guard, { ...callInput(), trace: null }).verdict).toBe('not_applicable')
  })
})
