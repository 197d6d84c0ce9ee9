import fc from 'fast-check'
import { expect, test } from 'vitest'

import { formatStatusLine, parseStatusLine, statusWords, type StatusLine } from './status-line.ts'

fc.configureGlobal({ seed: 20261120 })

const status: StatusLine = {
  role: 'worker',
  wp: 'WP-7',
  mt: 'MT-001',
  phase: 'IMPLEMENTATION',
  state: 'RUNNING',
  model: 'qwen2.5-coder:7b',
  backend: 'local',
  parameterClass: 'P7B',
  reasoningStrength: null,
  lock: 'OK',
  gate: { name: 'G0', verdict: 'PASS' },
  code: null,
}

test('the line of the specification, keys in fixed order', () => {
  expect(formatStatusLine(statusWords(status))).toBe(
    'HSK_STATUS role=worker wp=WP-7 mt=MT-001 phase=IMPLEMENTATION state=RUNNING model=qwen2.5-coder:7b backend=local pc=P7B rs=NA lock=OK gate=G0:PASS code=NONE',
  )
})

test('what is absent has a word of its own', () => {
  const line = formatStatusLine(
    statusWords({ ...status, mt: null, model: null, backend: null, parameterClass: null, code: '' }),
  )
  expect(parseStatusLine(line)).toMatchObject({ mt: 'NONE', model: 'NONE', backend: 'none', pc: 'NA', code: 'NONE' })
})

test('each phase and state gives one line that parses (T-MT-13)', () => {
  const phases = [
    'BOOTSTRAP',
    'SKELETON',
    'IMPLEMENTATION',
    'HYGIENE',
    'EVALUATION',
    'HANDOFF',
    'BLOCKED',
    'FAILSTATE',
    'DONE',
  ] as const
  const states = ['RUNNING', 'WAITING', 'BLOCKED', 'DONE', 'FAILSTATE'] as const
  for (const phase of phases) {
    for (const state of states) {
      expect(parseStatusLine(formatStatusLine(statusWords({ ...status, phase, state })))).toMatchObject({
        phase,
        state,
      })
    }
  }
})

test('no value adds a key or a line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (role, model) => {
      const line = formatStatusLine(statusWords({ ...status, role, model, code: `${role} code=X\u2028\n${model}` }))
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      expect(line.split(' ')).toHaveLength(13)
      expect(parseStatusLine(line)).toMatchObject({ wp: 'WP-7', state: 'RUNNING', gate: 'G0:PASS' })
    }),
  )
})

test('anything but one whole line is none', () => {
  const line = formatStatusLine(statusWords(status))
  for (const other of [
    '',
    `${line} x=1`,
    `${line}\n${line}`,
    line.replace(' rs=NA', ''),
    line.replace('role=', 'Role='),
  ]) {
    expect(parseStatusLine(other)).toBeUndefined()
  }
})
