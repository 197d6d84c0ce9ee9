import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import { describe, expect, test } from 'vitest'

import { hasErrors } from './finding.ts'
import { type ValidationContext, validateDefinitions } from './validate-definitions.ts'

const good: MicroTaskDefinition = {
  mt_id: 'MT-001',
  name: 'Add the case',
  scope: 'Handle an empty list',
  files: { read: ['src/a.ts'], modify: ['src/b.ts'], create: [] },
  actions: ['1. Read src/a.ts', '2. Change src/b.ts'],
  verify: [{ command: 'npm test', expect: 'exit_0', timeout_ms: 30_000, blocking: true }],
  done: [{ description: 'Tests pass', verification: 'automated', verify_ref: 0 }],
  depends_on: [],
  token_budget: 4096,
  task_tags: [],
  risk_level: 'low',
  execution_tier: 'local_small',
  allowed_tools: ['fs.write'],
  retry_budget: 1,
  expected_output: 'patch',
}
const second = { ...good, mt_id: 'MT-002', depends_on: ['MT-001'] }
const context: ValidationContext = {
  inScopePaths: ['src/'],
  contextWindowTokens: 8192,
  overheadTokens: 1000,
  packetTokenEstimate: 5000,
}
const without = (field: keyof MicroTaskDefinition): object => {
  const { [field]: _, ...rest } = good
  return rest
}

test('good definitions have no findings', () => {
  expect(validateDefinitions([good, second], context)).toEqual([])
})

describe('one broken definition file per rule (T-MT-01)', () => {
  const cases: [string, string, string, unknown[], ValidationContext?][] = [
    ['MT-VAL-001', 'ERROR', 'mt_id', [good, good]],
    ['MT-VAL-002', 'ERROR', 'mt_id', [{ ...good, mt_id: 'MT-1' }]],
    ['MT-VAL-003', 'ERROR', 'depends_on.0', [{ ...good, depends_on: ['MT-009'] }]],
    ['MT-VAL-005', 'ERROR', 'files.modify.0', [{ ...good, files: { ...good.files, modify: ['test/b.ts'] } }]],
    ['MT-VAL-005', 'ERROR', 'files.create.0', [{ ...good, files: { ...good.files, create: ['srcs/b.ts'] } }]],
    ['MT-VAL-006', 'ERROR', 'token_budget', [{ ...good, token_budget: 7193 }]],
    [
      'MT-VAL-007',
      'WARNING',
      'verify',
      [{ ...good, verify: good.verify.map((spec) => ({ ...spec, blocking: false })) }],
    ],
    ['MT-VAL-008', 'WARNING', 'done.0', [{ ...good, done: [{ description: 'x', verification: 'evidence_required' }] }]],
    ['MT-VAL-009', 'WARNING', 'actions.1', [{ ...good, actions: ['2. Change', '1. Read'] }]],
    ['MT-VAL-009', 'WARNING', 'actions.0', [{ ...good, actions: ['Change it after step 2', 'Read it'] }]],
    [
      'MT-VAL-010',
      'INFO',
      'token_budget',
      [good],
      { inScopePaths: ['src/'], contextWindowTokens: 8192, overheadTokens: 0 },
    ],
    ['MT-VAL-011', 'ERROR', 'allowed_tools', [without('allowed_tools')]],
    ['MT-VAL-012', 'ERROR', 'retry_budget', [{ ...good, retry_budget: -1 }]],
    ['MT-VAL-012', 'ERROR', 'retry_budget', [{ ...good, retry_budget: Infinity }]],
    ['MT-VAL-013', 'ERROR', 'expected_output', [without('expected_output')]],
    ['MT-VAL-013', 'WARNING', 'expected_output', [without('expected_output')], { ...context, olderFile: true }],
    ['MT-VAL-014', 'WARNING', 'execution_tier', [{ ...good, execution_tier: 'cloud' }]],
    ['MT-SCHEMA', 'ERROR', 'name', [{ ...good, name: 'x'.repeat(101) }]],
    ['MT-SCHEMA', 'ERROR', 'files.read.0', [{ ...good, files: { ...good.files, read: ['../a.ts'] } }]],
    ['MT-SCHEMA', 'ERROR', 'files.read.0', [{ ...good, files: { ...good.files, read: ['src/e\u0301.ts'] } }]],
    [
      'MT-SCHEMA',
      'ERROR',
      'files.create.0',
      [{ ...good, files: { ...good.files, create: ['src/new', 'src/New/a.ts'] } }],
    ],
    ['MT-SCHEMA', 'ERROR', 'done.0.verify_ref', [{ ...good, done: [{ description: 'x', verification: 'automated' }] }]],
    [
      'MT-SCHEMA',
      'ERROR',
      'done.0.verify_ref',
      [{ ...good, done: [{ description: 'x', verification: 'automated', verify_ref: 1 }] }],
    ],
    [
      'MT-SCHEMA',
      'ERROR',
      'verify.0.pattern',
      [{ ...good, verify: good.verify.map((spec) => ({ ...spec, expect: 'contains' })) }],
    ],
    ['MT-SCHEMA', 'ERROR', '', [{ ...good, shell: 'rm' }]],
    ['MT-SCHEMA', 'ERROR', '', ['not an object']],
  ]
  test.each(cases)('%s is %s in %s', (rule, severity, field, definitions, given = context) => {
    const findings = validateDefinitions(definitions, given)
    expect(findings).toEqual([expect.objectContaining({ rule, severity, field })])
    expect(hasErrors(findings)).toBe(severity === 'ERROR')
    expect(findings.every(({ message, example }) => message.length > 10 && example.length > 5)).toBe(true)
  })

  test('MT-VAL-004 names everything on the circle', () => {
    const findings = validateDefinitions([{ ...good, depends_on: ['MT-002'] }, second], context)
    expect(findings.map(({ rule, mt_id }) => [rule, mt_id])).toEqual([
      ['MT-VAL-004', 'MT-001'],
      ['MT-VAL-004', 'MT-002'],
    ])
    expect(validateDefinitions([{ ...good, depends_on: ['MT-001'] }], context)).toHaveLength(1)
  })

  test('a patch without any command is an error, an answer without one waits for a person', () => {
    const bare = { ...good, verify: [], done: [{ description: 'x', verification: 'evidence_required' as const }] }
    expect(validateDefinitions([bare], context)).toContainEqual(
      expect.objectContaining({
        rule: 'MT-SCHEMA',
        field: 'verify',
        severity: 'ERROR',
        example: '"verify": ["npm test"]',
      }),
    )
    const answer = validateDefinitions([{ ...bare, expected_output: 'structured_answer' }], context)
    expect(answer.map(({ rule }) => rule)).toEqual(['MT-VAL-007', 'MT-VAL-008'])
    expect(hasErrors(answer)).toBe(false)
  })
})

test('an older file loads with its defaults', () => {
  const { execution_tier: _a, allowed_tools: _b, retry_budget: _c, expected_output: _d, ...older } = good
  const findings = validateDefinitions([older], { ...context, olderFile: true })
  expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([['MT-VAL-013', 'WARNING']])
})

test.each([
  [null],
  [[]],
  [{}],
  [{ mt_id: {} }],
  [{ ...good, depends_on: 'MT-001' }],
  [{ ...good, mt_id: '__proto__' }],
])('a hostile file is findings, not an exception: %j', (value) => {
  expect(hasErrors(validateDefinitions([value, good], context))).toBe(true)
})
