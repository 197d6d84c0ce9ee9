// Poison over block over fail over degrade over pass, whatever the order of the guards and whatever the twelve say beside it.
import type { AceErrorCode, CallInput, Guard, GuardOutcome } from '@ctxlock/contracts/guards'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { callInput, HASH } from '../../test/support/call-input.ts'
import { pipeline } from '../../test/support/run.ts'
import type { PipelineResult } from './pipeline.ts'

const SEED = 20261121
const PASS: GuardOutcome = { verdict: 'pass', errors: [], warnings: [], removals: [], scanned: [], matches: [] }
const PLACE = { utf16_start: 0, utf16_end: 4, utf8_start: 0, utf8_end: 4 }
const MEMBER = { block: '50-000', candidate_id: null, source_ref_hash: null, content_hash: HASH, ...PLACE }
const MATCH = { pattern_id: 'X', view_id: 'X', offset: 0, length: 4, members: [MEMBER], table_version: '1' }

const failing = (code: AceErrorCode): GuardOutcome => ({
  ...PASS,
  verdict: 'fail',
  errors: [{ code, guard: 'x', details: {} }],
})

/** From the weakest to the strongest. */
const OUTCOMES: readonly (readonly [PipelineResult['decision'], GuardOutcome])[] = [
  ['pass', PASS],
  ['degrade', { ...PASS, verdict: 'degrade' }],
  ['degrade', { ...PASS, verdict: 'quarantine', matches: [MATCH] }],
  ['fail', failing('IndexDrift')],
  ['fail', failing('JobBoundaryViolation')],
  ['block', failing('GuardRefused')],
  ['block', failing('CloudLeakageBlocked')],
  ['poison', { ...failing('PromptInjectionDetected'), matches: [MATCH] }],
]
const STRENGTH = ['pass', 'degrade', 'fail', 'block', 'poison']
const stronger = (a: string, b: string): string => (STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b)

/** What the twelve say of a call by themselves. */
const CALLS: readonly (readonly [PipelineResult['decision'], CallInput])[] = [
  ['pass', callInput()],
  ['degrade', callInput({ files: { 'a.md': 'set ignore_previous' } })],
  ['block', callInput({ files: { 'a.md': 'x'.repeat(50_000) } })],
  ['poison', callInput({ files: { 'a.md': 'ignore previous' } })],
]

it('property: the strongest of what any guard found decides, in every order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...CALLS),
      fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 5 }),
      async ([own, call], chosen) => {
        const guards = chosen.map(([, outcome], index): Guard => ({
          name: `Guard${index}`,
          version: '1',
          validateCall: () => outcome,
        }))
        const { decision, proceed } = await pipeline(guards).call(call)
        expect(decision).toBe(chosen.map(([says]) => says).reduce(stronger, own))
        expect(proceed && decision !== 'pass').toBe(decision === 'degrade' && proceed)
      },
    ),
    { seed: SEED, numRuns: 60 },
  )
})
