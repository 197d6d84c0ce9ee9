import { ExtractorNotPrepared, type Extraction, type Extractor } from '@ctxlock/contracts/extractor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { builtInExtractors } from './built-in.ts'
import { extractChecked, prepareExtractors } from './checked-extraction.ts'

fc.configureGlobal({ seed: 20_260_212 })

const text = 'one\ntwo\nthree\n'
const anchor = { name: 'a', kind: 'k', hint: 'h', depth: 0, startLine: 1, endLine: 2 }

function plugin(extract: Extractor['extract']): Extractor {
  return { name: 'plugin', version: '1', matches: () => true, extract }
}

describe('the answer of a plugin', () => {
  test('is taken when it is in order', () => {
    const extractor = plugin(() => ({ anchors: [anchor] }))
    expect(extractChecked(text, 'a', [extractor], 32)).toEqual({
      extraction: { anchors: [anchor] },
      extractor: 'plugin@1',
      lineCount: 3,
    })
  })

  test.each([
    ['refuses', 'too_complex', () => ({ refused: 'too_complex' as const })],
    [
      'throws',
      'extractor_failed',
      () => {
        throw new Error('on purpose')
      },
    ],
    ['finds nothing', 'no_anchors', () => ({ anchors: [] })],
    ['points behind the end', 'invalid_output', () => ({ anchors: [{ ...anchor, endLine: 4 }] })],
    ['points before the start', 'invalid_output', () => ({ anchors: [{ ...anchor, startLine: 0 }] })],
    ['points backwards', 'invalid_output', () => ({ anchors: [{ ...anchor, startLine: 3 }] })],
    ['points between lines', 'invalid_output', () => ({ anchors: [{ ...anchor, startLine: 1.5 }] })],
    [
      'points nowhere in a fact',
      'invalid_output',
      () => ({ anchors: [anchor], facts: [{ text: '', startLine: 9, endLine: 9 }] }),
    ],
  ])('that %s leads to line windows and the reason %s', (_, reason, extract) => {
    const checked = extractChecked(text, 'a', [plugin(extract)], 32)
    expect(checked).toMatchObject({ extractor: 'line-windows@1', fallbackReason: reason })
    expect(checked.extraction.anchors).toEqual([
      { name: 'lines 1-3', kind: 'window', hint: 'one', depth: 0, startLine: 1, endLine: 3 },
    ])
  })

  test('is refused when it is nothing of the kind', () => {
    for (const answer of ['null', '[]', '{}', '{"anchors":7}', '{"anchors":[{}]}', '{"refused":"because"}']) {
      const parsed: ReturnType<Extractor['extract']> = JSON.parse(answer)
      expect(extractChecked(text, 'a', [plugin(() => parsed)], 32).fallbackReason).toMatch(
        /^(?:invalid_output|extractor_failed)$/,
      )
    }
  })
})

describe('an extractor that has to be prepared', () => {
  const lazy = () => {
    let prepared = 0
    const extractor: Extractor = {
      ...plugin(() => {
        if (prepared === 0) throw new ExtractorNotPrepared('plugin')
        return { anchors: [anchor] }
      }),
      matches: (path) => path.endsWith('.lazy'),
      prepare: () => Promise.resolve(void (prepared += 1)),
    }
    return { extractor, count: () => prepared }
  }

  test('never gives line windows instead: a pack must not depend on what was loaded', async () => {
    const { extractor } = lazy()
    expect(() => extractChecked(text, 'a.lazy', [extractor], 32)).toThrow(ExtractorNotPrepared)
    await prepareExtractors([extractor], ['a.lazy'])
    expect(extractChecked(text, 'a.lazy', [extractor], 32).extractor).toBe('plugin@1')
  })

  test('is prepared once for many files, and not for files of others', async () => {
    const { extractor, count } = lazy()
    const first: Extractor = { ...plugin(() => ({ anchors: [] })), matches: (path) => path === 'taken.lazy' }
    await prepareExtractors([first, extractor], ['a.txt', 'taken.lazy'])
    expect(count()).toBe(0)
    await prepareExtractors([first, extractor], ['a.lazy', 'b.lazy'])
    expect(count()).toBe(1)
  })
})

describe('line windows', () => {
  test('cover the whole file with 8 lines in common, however long it is', () => {
    for (const lineCount of [1, 79, 80, 81, 152, 153, 1000, 50_000]) {
      const { anchors } = extractChecked('x\n'.repeat(lineCount), 'a.bin', [], 32).extraction
      expect(anchors.length).toBeLessThanOrEqual(32)
      expect(anchors[0]?.startLine).toBe(1)
      expect(anchors.at(-1)?.endLine).toBe(lineCount)
      anchors.slice(1).forEach((window, index) => expect(window.startLine).toBe((anchors[index]?.endLine ?? 0) - 7))
    }
  })

  test('of blank lines have nothing to point at', () => {
    expect(extractChecked('\n \n\t\n', 'a', [], 32).extraction.anchors).toEqual([])
  })

  test('find open loops anywhere and normative sentences in prose only', () => {
    const prose = 'First. You MUST not.\nTODO: write\n'
    expect(extractChecked(prose, 'a.txt', [], 32).extraction).toMatchObject({
      constraints: [{ text: 'You MUST not.', severity: 'hard', startLine: 1, endLine: 1 }],
      openLoops: [{ text: 'TODO: write', startLine: 2, endLine: 2 }],
    })
    expect(extractChecked(prose, 'a.sql', [], 32).extraction.constraints).toEqual([])
  })
})

const SYNTAX = [
  '# a|- |```|{|}|[|]|(|)|<|>|"a"|\'|`|${|:|,|?|/*|*/|//|/|@|;|=|=>',
  'function f|class A|export |import |const a = |type A = |a: 1|&a|*a|---|TODO: x|MUST b. C',
].flatMap((list) => list.split('|'))
SYNTAX.push('|', '\n', '\r\n', '\r', '\t', '\u2028', '\uFEFF', '\0', '\u{1F600}', 'e\u0301', '\ud800')

describe('no text crashes an extractor or leads outside the file', () => {
  const pieces = fc.array(fc.constantFrom(...SYNTAX), { maxLength: 60 })

  test.each(['a.ts', 'a.tsx', 'a.js', 'a.md', 'a.yaml', 'a.json', 'a.txt', 'a'])('%s', (path) => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const random = parts.join('')
        const { extraction, lineCount, fallbackReason } = extractChecked(random, path, builtInExtractors, 32)
        expect(fallbackReason).not.toBe('invalid_output')
        expect(fallbackReason).not.toBe('extractor_failed')
        for (const range of rangesOf(extraction)) {
          expect(range.startLine).toBeGreaterThanOrEqual(1)
          expect(range.endLine).toBeGreaterThanOrEqual(range.startLine)
          expect(range.endLine).toBeLessThanOrEqual(lineCount)
        }
      }),
      { numRuns: 400 },
    )
  })
})

function rangesOf({ anchors, facts = [], constraints = [], openLoops = [] }: Extraction) {
  return [...anchors, ...facts, ...constraints, ...openLoops]
}

test('a megabyte of anything is packed in bounded time', () => {
  const start = process.threadCpuUsage()
  for (const piece of ['(', 'TODO ', '<!--', '\n', '- ', '. A']) {
    const megabyte = piece.repeat(1_000_000 / piece.length)
    for (const path of ['a.ts', 'a.md', 'a.json', 'a.yaml', 'a.txt'])
      extractChecked(megabyte, path, builtInExtractors, 32)
  }
  expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(20_000)
})
