import { describe, expect, it } from 'vitest'

import { DEFAULT_CONTEXT_PACK_POLICY } from '@ctxlock/contracts/freshness'

import { OPEN_GATES } from './__fixtures__/workspace.ts'
import { effectiveRegeneration, lintPolicy, parsePolicy } from './policy.ts'

const POLICY = { regen_allowed: true, regen_required: false, stale_handling: 'fallback' } as const

describe('parsePolicy', () => {
  it('gives a profile without a policy the Phase 1 default (FG-001, FG-002)', () => {
    expect(parsePolicy(undefined)).toEqual(POLICY)
    expect(parsePolicy(undefined)).toBe(DEFAULT_CONTEXT_PACK_POLICY)
  })

  it('returns a frozen copy, so that a job keeps what it pinned (FG-006)', () => {
    const profile = { ...POLICY, regen_required: true }
    const pinned = parsePolicy(profile)
    profile.regen_required = false
    expect(pinned.regen_required).toBe(true)
    expect(Object.isFrozen(pinned)).toBe(true)
  })

  it.each([
    ['null', null],
    ['text', 'fallback'],
    ['a missing field', { regen_allowed: true, stale_handling: 'fail' }],
    ['an unknown field', { ...POLICY, regen_forced: true }],
    ['another enum value', { ...POLICY, stale_handling: 'ignore' }],
    ['a spelled-out boolean', { ...POLICY, regen_allowed: 'true' }],
    ['a number', { ...POLICY, regen_required: 0 }],
  ])('refuses %s (FG-003)', (_, value) => {
    expect(() => parsePolicy(value)).toThrowError(expect.objectContaining({ code: 'POLICY_INVALID' }))
  })

  it('names the field that is wrong and not what it holds', () => {
    const message = messageOf(() => parsePolicy({ ...POLICY, stale_handling: 'sk-canary-7261' }))
    expect(message).toContain('wrong here: stale_handling: ')
    expect(messageOf(() => parsePolicy(null))).toContain('wrong here: policy: ')
    expect(message).not.toContain('canary')
  })
})

describe('lintPolicy (FG-005)', () => {
  const lint = (regen_required: boolean, regen_allowed: boolean, stale_handling: 'fallback' | 'fail') =>
    lintPolicy({ regen_required, regen_allowed, stale_handling })

  it('warns of settings that do not do what they say', () => {
    expect(lint(true, false, 'fail')).toEqual(['context_pack_policy:unsatisfiable'])
    expect(lint(false, true, 'fail')).toEqual(['context_pack_policy:stale_handling_ignored'])
    expect(lint(true, true, 'fallback')).toEqual(['context_pack_policy:fallback_upgraded'])
    expect(lint(true, false, 'fallback')).toEqual([
      'context_pack_policy:unsatisfiable',
      'context_pack_policy:fallback_upgraded',
    ])
  })

  it('is silent about the default', () => {
    expect(lintPolicy(DEFAULT_CONTEXT_PACK_POLICY)).toEqual([])
    expect(lint(false, false, 'fallback')).toEqual([])
  })
})

describe('T-X-FG-04 effectiveRegeneration (FG-004, FG-019)', () => {
  it('allows what policy and every gate allow', () => {
    expect(effectiveRegeneration(POLICY, OPEN_GATES)).toEqual({ allowedByPolicy: true, allowed: true, deniedBy: null })
  })

  it.each([
    ['policy', { ...POLICY, regen_allowed: false }, {}],
    ['capability', POLICY, { capability: false }],
    ['consent', POLICY, { builder: { ...OPEN_GATES.builder, callsCloudModel: true } }],
    ['consent', POLICY, { builder: { ...OPEN_GATES.builder, touchesNonExportableSources: true } }],
    ['determinism', POLICY, { builder: { ...OPEN_GATES.builder, deterministic: false } }],
  ] as const)('names %s as the gate that denied', (deniedBy, policy, gates) => {
    expect(effectiveRegeneration(policy, { ...OPEN_GATES, ...gates })).toEqual({
      allowedByPolicy: policy.regen_allowed,
      allowed: false,
      deniedBy,
    })
  })

  it('asks for consent only when the builder needs it, and takes it', () => {
    const builder = { deterministic: true, callsCloudModel: true, touchesNonExportableSources: true }
    expect(effectiveRegeneration(POLICY, { ...OPEN_GATES, consent: true, builder }).allowed).toBe(true)
  })

  it('lets a builder that is not deterministic work outside strict mode only', () => {
    const builder = { ...OPEN_GATES.builder, deterministic: false }
    expect(effectiveRegeneration(POLICY, { ...OPEN_GATES, determinismMode: 'replay', builder }).allowed).toBe(true)
    expect(effectiveRegeneration(POLICY, { ...OPEN_GATES, builder }).deniedBy).toBe('determinism')
  })

  it('reports the first gate when several deny', () => {
    const builder = { deterministic: false, callsCloudModel: true, touchesNonExportableSources: false }
    expect(effectiveRegeneration(POLICY, { ...OPEN_GATES, capability: false, builder }).deniedBy).toBe('capability')
    expect(effectiveRegeneration(POLICY, { ...OPEN_GATES, builder }).deniedBy).toBe('consent')
  })
})

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return ''
}
