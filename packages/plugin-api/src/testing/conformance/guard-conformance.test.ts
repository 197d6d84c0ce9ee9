import type { CallInput, GuardOutcome, VersionedGuard } from '@ctxlock/contracts/guards'
import { exampleCall } from '@ctxlock/contracts/testing'
import { expect, test } from 'vitest'

import { guardConformance, type GuardTarget } from './guard-conformance.ts'

const MARKER = 'orchid 17 at dawn'
const TARGET = {
  passing: exampleCall({ files: { 'a.ts': `const a = '${MARKER}'` } }),
  refused: exampleCall({ files: { 'b.ts': `const forbidden = '${MARKER}'` } }),
  markers: [MARKER],
  timeoutMs: 1000,
} satisfies Partial<GuardTarget>

const answer = (more: Partial<GuardOutcome> = {}): GuardOutcome => ({
  verdict: 'pass',
  errors: [],
  warnings: [],
  removals: [],
  scanned: [],
  matches: [],
  ...more,
})
const refusal = (details: Readonly<Record<string, string>> = {}, guard = 'WordGuard'): GuardOutcome =>
  answer({ verdict: 'fail', errors: [{ code: 'GuardRefused', guard, details }] })
const textOf = ({ envelope }: CallInput): string =>
  envelope.variable_suffix.blocks.map(({ content }) => content).join('\n')
const judge = (call: CallInput): GuardOutcome => (textOf(call).includes('forbidden') ? refusal() : answer())
const guard = (validateCall: NonNullable<VersionedGuard['validateCall']> = judge): VersionedGuard => ({
  name: 'WordGuard',
  version: '1',
  validateCall,
})

async function failures(create: () => VersionedGuard, more: Partial<GuardTarget> = {}): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of guardConformance({ ...TARGET, create, ...more })) {
    await run().catch(() => failed.push(name.split(':', 1)[0] ?? ''))
  }
  return failed
}

test.each<[string, () => VersionedGuard]>([
  ['that answers at once', guard],
  ['that answers later', () => guard(async (call) => Promise.resolve(judge(call)))],
  [
    'that takes something out instead',
    () =>
      guard((call) => {
        const removals = [{ kind: 'candidate' as const, id: 'c', reason: 'forbidden' }]
        return textOf(call).includes('forbidden') ? answer({ verdict: 'quarantine', removals }) : answer()
      }),
  ],
  ['of all hooks', () => ({ ...guard(), validatePlan: () => answer(), validateTrace: () => answer() })],
])('a good guard %s passes', async (_, create) => {
  expect(await failures(create)).toEqual([])
})

let instances = 0
test.each<[string, string, () => VersionedGuard]>([
  [
    'a version that changes from instance to instance',
    'identity',
    () => ({ ...guard(), version: `${(instances += 1)}` }),
  ],
  ['a name of two lines', 'identity', () => ({ ...guard(), name: 'Word\nGuard' })],
  [
    'a name that answering changes',
    'identity',
    () => {
      const changing = { ...guard(), validateCall: (call: CallInput) => ((changing.name = 'Other'), judge(call)) }
      return changing
    },
  ],
  ['no hook', 'hooks', () => ({ name: 'WordGuard', version: '1' })],
  ['refusing everything', 'passes', () => guard(() => refusal())],
  ['refusing nothing', 'refuses', () => guard(() => answer())],
  ['an answer of another schema', 'answers', () => guard(() => Object({ verdict: 'fine' }))],
  [
    'an error under another name',
    'answers',
    () => guard((call) => (judge(call).errors[0] ? refusal({}, 'X') : answer())),
  ],
  ['a pass with errors', 'answers', () => guard((call) => ({ ...judge(call), verdict: 'pass' }))],
  [
    'an injection that is nowhere',
    'answers',
    () =>
      guard((call) => ({
        ...judge(call),
        errors: judge(call).errors.map((error) => ({ ...error, code: 'PromptInjectionDetected' })),
      })),
  ],
  [
    'state between calls',
    'repeatable',
    () => {
      let calls = 0
      return guard((call) => ((calls += 1), { ...judge(call), warnings: [`call ${calls}`] }))
    },
  ],
  [
    'changing the call',
    'inputs',
    () =>
      guard((call) => {
        Reflect.set(call.job, 'job_id', 'another')
        return judge(call)
      }),
  ],
  ['changing bytes of the call', 'inputs', () => guard((call) => (call.snippets[0]?.bytes?.fill(0), judge(call)))],
  ['throwing at frozen data', 'inputs', () => guard((call) => (Object.assign(call.job, { job_id: 'x' }), judge(call)))],
  [
    'text of the call in an error',
    'texts',
    () => guard((call) => (judge(call).errors[0] ? refusal({ text: textOf(call) }) : answer())),
  ],
  [
    'text of the call in a warning',
    'texts',
    () => guard((call) => ({ ...judge(call), warnings: [textOf(call).slice(0, 99)] })),
  ],
  [
    'an exception on noise',
    'hostile',
    () =>
      guard((call) => {
        if (textOf(call).includes('\0')) throw new Error('noise')
        return judge(call)
      }),
  ],
  [
    'no answer to noise',
    'hostile',
    () => guard((call) => (textOf(call).includes('\0') ? new Promise(() => {}) : judge(call))),
  ],
])('%s is noticed', async (_, failing, create) => {
  expect(await failures(create)).toContain(failing)
})

test.each([[[]], [['not in the call']]])('markers that prove nothing are noticed: %j', async (markers) => {
  expect(await failures(guard, { markers })).toEqual(['texts'])
})
