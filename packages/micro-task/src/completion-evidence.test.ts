import { describe, expect, test } from 'vitest'

import { checkEvidence } from './completion-evidence.ts'
import { callKey, stepId } from './idempotency.ts'
import type { QuotedFile } from './source-text.ts'
import { introducedMarkers } from './unfinished-markers.ts'

const definition = {
  files: { read: ['src/a.ts'], modify: ['src/b.ts'], create: [] },
  done: [
    { description: 'Caf\u00e9 opens', verification: 'evidence_required' as const },
    { description: 'It closes', verification: 'evidence_required' as const },
  ],
}
const files: Record<string, string> = { 'src/a.ts': 'one\n\nthree\n', 'etc/secret': 'x' }
const read = (path: string): QuotedFile => {
  const text = files[path]
  return text === undefined ? { status: 'missing', allowed: true } : { status: 'read', text, allowed: true }
}
const item = (criterion: string, path = 'src/a.ts', start_line = 1, end_line = start_line) => ({
  criterion,
  path,
  start_line,
  end_line,
})
const problems = (...evidence: ReturnType<typeof item>[]) =>
  checkEvidence(evidence, definition, read).map(({ problem }) => problem)

describe('evidence of a claim (T-MT-11, MT-035)', () => {
  test('every criterion once, in lines that hold text', () => {
    expect(problems(item('Cafe\u0301 opens '), item('It closes', 'src/a.ts', 2, 3))).toEqual([])
  })

  test.each([
    ['criterion_missing', [item('Caf\u00e9 opens')]],
    ['criterion_unknown', [item('Caf\u00e9 opens'), item('It closes'), item('It sings')]],
    ['criterion_repeated', [item('Caf\u00e9 opens'), item('It closes'), item('It closes')]],
    ['outside_task', [item('Caf\u00e9 opens'), item('It closes', 'etc/secret')]],
    ['missing_file', [item('Caf\u00e9 opens'), item('It closes', 'src/b.ts')]],
    ['range_outside_file', [item('Caf\u00e9 opens'), item('It closes', 'src/a.ts', 3, 4)]],
    ['range_outside_file', [item('Caf\u00e9 opens'), item('It closes', 'src/a.ts', 3, 2)]],
    ['range_empty', [item('Caf\u00e9 opens'), item('It closes', 'src/a.ts', 2)]],
  ] as const)('%s', (problem, evidence) => {
    expect(problems(...evidence)).toEqual([problem])
  })

  test('no evidence at all misses every criterion', () => {
    expect(problems()).toEqual(['criterion_missing', 'criterion_missing'])
  })
})

describe('marks of unfinished work (T-MT-11, MT-036)', () => {
  test('only what the attempt brought in counts', () => {
    const before = 'a // TODO one\nb\n'
    const after = 'b\n  a // TODO one\na // TODO one\n// implement ME\nFIXME: x\n// TBD\n'
    expect(introducedMarkers(before, after)).toEqual([
      { marker: 'TODO', line: 3 },
      { marker: 'implement me', line: 4 },
      { marker: 'FIXME', line: 5 },
      { marker: 'TBD', line: 6 },
    ])
    expect(introducedMarkers(undefined, 'x // TODO')).toEqual([{ marker: 'TODO', line: 1 }])
  })

  test('words that only contain a mark are none', () => {
    expect(introducedMarkers(undefined, 'todo list\nTODOS\nconst fixme = 1\nreimplement merge\n')).toEqual([])
    expect(introducedMarkers(undefined, 'todo list // TODO sort\n')).toHaveLength(1)
  })

  test('changed line endings introduce nothing', () => {
    expect(introducedMarkers('// TODO\r\n', '// TODO\n')).toEqual([])
  })
})

describe('idempotency (MT-045, MT-046)', () => {
  test('step ids run per micro-task', () => {
    expect([stepId('MT-001', 1), stepId('MT-001', 1000)]).toEqual(['MT-001_iter-001', 'MT-001_iter-1000'])
    expect(() => stepId('MT-001', 0)).toThrow(expect.objectContaining({ code: 'STEP_NUMBER_INVALID' }))
  })

  test('every part of a call is part of its key', () => {
    const call = { mtId: 'MT-001', iteration: 1, modelId: 'm', promptHash: 'a'.repeat(64) }
    expect(callKey(call)).toEqual(['MT-001', 1, 'm', null, 'a'.repeat(64)])
    expect(callKey({ ...call, loraId: 'l' })).toEqual(['MT-001', 1, 'm', 'l', 'a'.repeat(64)])
  })
})
