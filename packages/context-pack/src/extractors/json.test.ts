import type { Extraction } from '@ctxlock/contracts/extractor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { jsonExtractor } from './json.ts'
import { yamlExtractor } from './yaml.ts'

function extract(text: string): Extraction {
  const answer = jsonExtractor.extract(text, 'a.json')
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`)
  return answer
}

function anchors(text: string): string[] {
  return extract(text).anchors.map(({ hint, depth, startLine, endLine }) => `${depth} ${startLine}-${endLine} ${hint}`)
}

test('keys of two levels with the lines of their values', () => {
  expect(anchors('{\r\n\t"a": {\r\n\t\t"b": [1, {"c": [2]}],\n"d": {"e": 1}\r\n\t},\n"f": "}\\""}\r\n')).toEqual([
    '0 2-5 a: b, d',
    '1 3-3 a.b: 2 items',
    '1 4-4 a.d: e',
    '0 6-6 f',
  ])
  expect(anchors('[{"a": 1}]')).toEqual([])
  expect(anchors(' "a" ')).toEqual([])
  expect(anchors('{"\\u0061\\n": [ ], "b": { } , "c": -1e5}')).toEqual(['0 1-1 a\n: 0 items', '0 1-1 b: ', '0 1-1 c'])
})

test('values never reach a hint', () => {
  const text = '{"key": "hunter2-hunter2", "nested": {"inner": ["hunter2-hunter2"], "deep": {"x": "hunter2-hunter2"}}}'
  expect(JSON.stringify(extract(text))).not.toContain('hunter2')
})

test('finds what JSON.parse finds, for any value however it is spaced', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 0, 2, '\t'), (value, space) => {
      const text = JSON.stringify(value, undefined, space)
      const found = extract(text).anchors.filter(({ depth }) => depth === 0)
      expect(found.map(({ name }) => name)).toEqual(Object.keys(value))
      for (const { startLine, endLine, name } of found) {
        const lines = text
          .split('\n')
          .slice(startLine - 1, endLine)
          .join('\n')
        expect(lines).toContain(JSON.stringify(name))
        // Written over several lines, a key and its value have lines of their own.
        if (space) expect(JSON.parse(`{${lines.replace(/,$/, '')}}`)).toEqual({ [name]: JSON.parse(text)[name] })
      }
    }),
    { numRuns: 200, seed: 20261121 },
  )
})

test('agrees with the YAML library on plain settings', () => {
  const plain = fc.stringMatching(/^[a-z]{1,8}$/)
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      plain,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(plain, tie('tree'), { maxKeys: 14 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(plain, tree), (value) => {
      const text = JSON.stringify(value, undefined, 2)
      const yaml = yamlExtractor.extract(text, 'a.yaml')
      expect(extract(text).anchors).toEqual('anchors' in yaml ? yaml.anchors : undefined)
    }),
    { numRuns: 100, seed: 20261121 },
  )
})

test('settings with comments and trailing commas have their keys and what the comments leave open', () => {
  const text = [
    '{',
    '  // TODO: turn on',
    '  "a": { // {',
    '    "b//c": "/* \\" */ TODO: none", /*',
    '    } */ },',
    '  "d": [1, 2, ],',
    '}',
  ].join('\r\n')
  expect(extract(text)).toMatchObject({
    anchors: [
      { name: 'a', startLine: 3, endLine: 5 },
      { name: 'a.b//c', startLine: 4, endLine: 4 },
      { name: 'd', hint: 'd: 2 items', startLine: 6, endLine: 6 },
    ],
    openLoops: [{ text: 'TODO: turn on', startLine: 2 }],
  })
})

describe('what is refused', () => {
  test.each([
    ['a comma too many', '{"a": 1,,}', 'syntax_error'],
    ['a string without end', `{"a": "${'\\"'.repeat(400_000)}`, 'syntax_error'],
    ['comments that open and never close', '/*'.repeat(400_000), 'syntax_error'],
    ['nothing', '', 'syntax_error'],
    ['data of megabytes', `{"a":"${'x'.repeat(1_100_000)}"}`, 'too_large'],
  ])('%s', (_, text, reason) => {
    expect(jsonExtractor.extract(text, 'a.json')).toEqual({ refused: reason })
  })

  test('ten thousand keys are bounded, and nesting costs no stack', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1]))
    expect(extract(JSON.stringify(many)).anchors).toHaveLength(4096)
    expect(anchors(`{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`)).toEqual(['0 1-1 a: 1 items'])
    expect(anchors(`{"a": "${'\\\\'.repeat(100_000)}"}`)).toEqual(['0 1-1 a'])
  })
})
