import type { CallInput, GuardJob } from '@ctxlock/contracts/guards'
import { canonicalHash } from '@ctxlock/core-hash'
import { describe, expect, it } from 'vitest'

import { callInput, planInput, traceInput } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { jobBoundaryGuard as guard } from './job-boundary.ts'

const input = callInput()
const { job } = input
const now = (change: Partial<GuardJob['current']>): CallInput => ({
  ...input,
  job: { ...job, current: { ...job.current, ...change } },
})

describe('T-ACE-MIN-07: job-boundary routing', () => {
  it.each<[string, CallInput, string]>([
    ['another tier', now({ model_tier: 'cloud' }), 'model_tier'],
    ['another profile', now({ policy_profile_id: 'other' }), 'policy_profile_id'],
    ['the same profile with other content', now({ policy_hash: 'b'.repeat(64) }), 'policy_hash'],
    [
      'a write scope widened by raw',
      now({ layer_scope: { read: ['derived', 'raw'], write: ['derived', 'raw'] } }),
      'layer_scope',
    ],
    ['fewer layers', now({ layer_scope: { read: ['derived'], write: ['derived'] } }), 'layer_scope'],
  ])('refuses %s in every hook', (_, bent, field) => {
    expect(problems(ask(guard, bent))).toEqual([`JobBoundaryViolation ${field}`])
    expect(guard.validatePlan?.({ ...planInput(), job: bent.job })).toMatchObject({ verdict: 'fail' })
    expect(guard.validateTrace?.({ ...traceInput(), job: bent.job })).toMatchObject({ verdict: 'fail' })
  })

  it('takes layers for sets', () => {
    expect(problems(ask(guard, now({ layer_scope: { read: ['raw', 'derived', 'raw'], write: ['derived'] } })))).toEqual(
      [],
    )
  })

  it('notices a baseline that was rewritten together with the job', () => {
    const cloud = { ...job.baseline, model_tier: 'cloud' as const }
    const rewritten = { ...input, job: { ...job, baseline: cloud, current: cloud } }
    expect(problems(ask(guard, rewritten))[0]).toBe('JobBoundaryViolation baseline')
  })

  it.each([
    ['job_id', { job_id: 'job-2' }],
    ['policy_profile_id', { policy_profile_id: 'other' }],
    ['model_tier', { model_tier: 'cloud' as const }],
    ['layer_scope', { layer_scope: { read: [], write: [] } }],
  ])('refuses a snapshot with another %s', (field, change) => {
    expect(problems(ask(guard, { ...input, snapshot: { ...input.snapshot, ...change } }))).toEqual([
      `JobBoundaryViolation ${field}`,
    ])
  })

  it('lets a cloud call run as a child job with its own baseline (VAL-046)', () => {
    const cloud = callInput({ tier: 'cloud' })
    const child: CallInput = {
      ...cloud,
      job: { ...cloud.job, job_id: 'job-1.1', parent_job_id: 'job-1' },
      snapshot: { ...cloud.snapshot, job_id: 'job-1.1' },
    }
    expect(child.job.baseline_hash).toBe(canonicalHash(child.job.baseline))
    expect(problems(ask(guard, child))).toEqual([])
  })
})
