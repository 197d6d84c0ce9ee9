import { MicroTaskDefinition, TaskFile } from '@ctxlock/contracts/micro-task'
import { describe, expect, test } from 'vitest'

import { generateMicroTasks } from './generate-micro-tasks.ts'
import { MicroTaskError } from './micro-task-error.ts'
import { validateDefinitions } from './validate-definitions.ts'

const task = (more: object = {}): TaskFile =>
  TaskFile.parse({
    schema_version: 'ctxlock.task@1',
    goal: 'Say how long a session is valid.\nQuote the line.',
    scope: ['src/'],
    files: { read: ['src/session.ts'] },
    done: ['The answer names the duration'],
    ...more,
  })
const context = { inScopePaths: ['src/'], contextWindowTokens: 8192, overheadTokens: 500, packetTokenEstimate: 900 }

describe('one micro-task for a task without steps', () => {
  test('everything unstated has its default', () => {
    expect(generateMicroTasks(task())).toEqual([
      {
        mt_id: 'MT-001',
        name: 'Say how long a session is valid.',
        scope: 'Say how long a session is valid.\nQuote the line.',
        files: { read: ['src/session.ts'], modify: [], create: [] },
        actions: ['Say how long a session is valid.'],
        verify: [],
        done: [{ description: 'The answer names the duration', verification: 'evidence_required' }],
        depends_on: [],
        token_budget: 4096,
        task_tags: [],
        risk_level: 'low',
        execution_tier: 'local_small',
        allowed_tools: [],
        retry_budget: 1,
        expected_output: 'structured_answer',
      },
    ])
  })

  test('a command is blocking and must exit with 0, a referenced one makes its criterion automated', () => {
    const [definition] = generateMicroTasks(
      task({
        title: 'Lifetime',
        files: { modify: ['src/session.ts'] },
        verify: ['npm test', { command: 'npm run lint', blocking: false, timeout_ms: 5000 }],
        done: [{ description: 'Tests pass', verify_ref: 0 }],
      }),
    )
    expect(definition).toMatchObject({
      name: 'Lifetime',
      verify: [
        { command: 'npm test', expect: 'exit_0', timeout_ms: 30_000, blocking: true },
        { command: 'npm run lint', expect: 'exit_0', timeout_ms: 5000, blocking: false },
      ],
      done: [{ description: 'Tests pass', verification: 'automated', verify_ref: 0 }],
      expected_output: 'patch',
      risk_level: 'medium',
    })
  })

  test('a long first line is cut without breaking a character', () => {
    const [definition] = generateMicroTasks(task({ goal: `${'x'.repeat(98)}\u{1F600}${'y'.repeat(200)}` }))
    expect(definition?.name).toBe(`${'x'.repeat(98)}…`)
    expect(MicroTaskDefinition.safeParse(definition).success).toBe(true)
  })
})

describe('one micro-task per step', () => {
  const step = (name: string, more: object = {}) => ({ name, goal: `Do ${name}`, ...more })

  test('steps follow each other unless they say otherwise', () => {
    const definitions = generateMicroTasks(
      task({ steps: [step('a'), step('b'), step('c', { depends_on: ['a'] }), step('d', { depends_on: [] })] }),
    )
    expect(definitions.map(({ mt_id, depends_on }) => [mt_id, depends_on])).toEqual([
      ['MT-001', []],
      ['MT-002', ['MT-001']],
      ['MT-003', ['MT-001']],
      ['MT-004', []],
    ])
  })

  test('a step takes what it does not state from the task', () => {
    const [first, second] = generateMicroTasks(
      task({
        token_budget: 1024,
        verify: ['npm test'],
        steps: [step('a'), step('b', { files: { create: ['src/b.ts'] }, token_budget: 2048, done: ['b exists'] })],
      }),
    )
    expect(first).toMatchObject({
      token_budget: 1024,
      files: { read: ['src/session.ts'] },
      verify: [{ command: 'npm test' }],
    })
    expect(second).toMatchObject({
      token_budget: 2048,
      files: { read: [], create: ['src/b.ts'] },
      done: [{ description: 'b exists' }],
      expected_output: 'patch',
    })
  })

  test('the same file gives the same definitions, and they pass their own validation', () => {
    const file = task({ verify: ['npm test'], steps: [step('a'), step('b')] })
    expect(generateMicroTasks(structuredClone(file))).toEqual(generateMicroTasks(file))
    const findings = validateDefinitions(generateMicroTasks(file), context)
    expect(findings.filter(({ severity }) => severity === 'ERROR')).toEqual([])
  })

  test.each([
    ['STEP_NAME_REPEATED', { steps: [step('a'), step('a')] }],
    ['STEP_UNKNOWN', { steps: [step('a', { depends_on: ['z'] })] }],
  ])('%s', (code, more) => {
    expect(() => generateMicroTasks(task(more))).toThrow(expect.objectContaining({ code }))
    expect(() => generateMicroTasks(task(more))).toThrow(MicroTaskError)
  })
})

describe('what a task file may say', () => {
  test.each([
    ['an unknown field', { gaol: 'x' }],
    ['a path out of the workspace', { files: { read: ['../secret'] } }],
    ['a scope out of the workspace', { scope: ['../'] }],
    ['a rooted scope', { scope: ['/etc/'] }],
    ['no criterion', { done: [] }],
    ['a goal with a control character', { goal: 'a\u001b[2J' }],
    ['six files to modify', { files: { modify: ['a', 'b', 'c', 'd', 'e', 'f'] } }],
    ['a timeout beyond five minutes', { verify: [{ command: 'x', timeout_ms: 300_001 }] }],
  ])('%s is refused', (_, more) => {
    expect(() => task(more)).toThrow()
  })

  test.each([['src/'], ['src/**/*.ts'], ['.github/'], ['a.ts']])('the scope %s is accepted', (pattern) => {
    expect(task({ scope: [pattern] }).scope).toEqual([pattern])
  })
})
