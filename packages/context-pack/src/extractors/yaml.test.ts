import type { Extraction } from '@ctxlock/contracts/extractor'
import { describe, expect, test } from 'vitest'

import { yamlExtractor } from './yaml.ts'

function extract(text: string, path: string): Extraction {
  const answer = yamlExtractor.extract(text, path)
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`)
  return answer
}

function anchors(text: string, path: string): string[] {
  return extract(text, path).anchors.map(
    ({ hint, depth, startLine, endLine }) => `${depth} ${startLine}-${endLine} ${hint}`,
  )
}

test('keys of two levels with the lines of their values', () => {
  const text =
    'name: ctxlock # TODO: rename\nscripts:\n  test: vitest\n  deep:\n    a: 1\n\n    b: 2\n\n# end\nlist:\n  - a\n  - b\ntext: |\n  x\n  y\n'
  expect(anchors(text, 'a.yaml')).toEqual([
    '0 1-1 name',
    '0 2-7 scripts: test, deep',
    '1 3-3 scripts.test',
    '1 4-7 scripts.deep: a, b',
    '0 10-12 list: 2 items',
    '0 13-15 text',
  ])
  expect(extract(text, 'a.yaml').openLoops).toEqual([{ text: 'TODO: rename', startLine: 1, endLine: 1 }])
})

test('several documents, CRLF', () => {
  expect(anchors('a:\r\n  b: [1]\r\n', 'a.yaml')).toEqual(['0 1-2 a: b', '1 2-2 a.b: 1 items'])
  expect(anchors('a: 1\n---\nb: 2\n', 'a.yml')).toEqual(['0 1-1 a', '0 3-3 b'])
})

test('values never reach a hint', () => {
  const text = 'key: hunter2-hunter2\nnested:\n  inner: [hunter2-hunter2]\n'
  expect(JSON.stringify(extract(text, 'a.yaml'))).not.toContain('hunter2')
})

describe('what is refused', () => {
  test.each([
    ['broken YAML', 'a: [1\nb: 2', 'a.yaml', 'syntax_error'],
    ['templates', 'a: {{ .Values.a }}\n  b: 1', 'a.yaml', 'syntax_error'],
    ['data of megabytes', `a: ${'x'.repeat(300_000)}`, 'a.yaml', 'too_large'],
  ])('%s', (_, text, path, reason) => {
    expect(yamlExtractor.extract(text, path)).toEqual({ refused: reason })
  })

  test('an alias bomb costs nothing, because aliases are not resolved', () => {
    const bomb = ['a: &a [x]', ...Array.from({ length: 40 }, (_, i) => `k${i}: &k${i} [*a, *a]`)].join('\n')
    expect(anchors(bomb, 'a.yaml')).toHaveLength(41)
  })

  test('ten thousand keys are bounded', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')
    expect(extract(many, 'a.yaml').anchors).toHaveLength(4096)
  })
})
