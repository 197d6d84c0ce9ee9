import { describe, expect, test } from 'vitest'

import { bestSpans } from './ranking.ts'
import { queryTerms, termsOf } from './terms.ts'

const block = (text: string, path = 'a.ts', startLine = 1) => ({
  sourceId: `file:${path}`,
  startLine,
  endLine: startLine + text.split('\n').length - 1,
  text,
})
const places = (question: string, ...blocks: ReturnType<typeof block>[]) =>
  bestSpans(question, blocks).map(({ path, startLine, endLine }) => [path, startLine, endLine])

describe('terms', () => {
  test.each([
    ['parseConfigFile', ['parseconfigfil', 'pars', 'config', 'file']],
    ['MAX_RETRY_MS', ['max_retry_ms', 'max', 'retry', 'm']],
    ['HTTPServer2', ['httpserver2', 'http', 'server', '2']],
    ['Straße', ['straße']],
    ['\u4e00\u4e8c', ['\u4e00\u4e8c', '\u4e00', '\u4e8c']],
    ['x'.repeat(200), []],
  ])('%s', (word, terms) => {
    expect(termsOf(word)).toEqual(terms)
  })

  test('forms of a word meet', () => {
    for (const forms of [
      ['expires', 'expired', 'expire'],
      ['retries', 'retry'],
      ['caching', 'cached', 'cache'],
    ]) {
      expect(new Set(forms.flatMap(termsOf)).size).toBe(1)
    }
  })

  test('common words are left out unless there is nothing else', () => {
    expect(queryTerms('What is the limit of a session?')).toEqual(['limit', 'session'])
    expect(queryTerms('What is this?')).toEqual(['what', 'is', 'this'])
  })
})

describe('spans', () => {
  test('a rare word outweighs a common one', () => {
    const common = 'the session begins\n\n'.repeat(10)
    expect(places('session quota', block(`${common}the quota is nine`))).toContainEqual(['a.ts', 21, 21])
    expect(places('session quota', block(`${common}the quota is nine`))[0]).toEqual(['a.ts', 21, 21])
  })

  test('a heading comes with the paragraph below it', () => {
    expect(
      places('session lifetime', block('# Intro\n\nx\n\n## Session lifetime\n\nThirty minutes.\n\nOther')),
    ).toEqual([['a.ts', 5, 7]])
  })

  test('at most three spans of at most twelve lines, none overlapping', () => {
    const long = Array.from({ length: 100 }, (_, index) => `const session${index} = open()`).join('\n')
    const found = places('session open', block(long), block(long, 'a.ts'), block(long, 'b.ts'))
    expect(found).toHaveLength(3)
    for (const [path, first, last] of found) {
      expect(Number(last) - Number(first)).toBeLessThan(12)
      const others = found.filter((other) => other !== found.find((one) => one[0] === path && one[1] === first))
      expect(
        others.some(
          (other) => other[0] === path && Number(other[1]) <= Number(last) && Number(first) <= Number(other[2]),
        ),
      ).toBe(false)
    }
  })

  test('a long function is cut behind closing brackets', () => {
    const text = ['function a() {', '  one()', '  two()', '}', 'function b() {', '  three()', '  four()', '}'].join(
      '\n',
    )
    const filler = Array.from({ length: 10 }, (_, index) => `x${index}()`).join('\n')
    expect(places('four', block(`${text}\n${filler}`))[0]).toEqual(['a.ts', 5, 8])
  })

  test('the name of the file breaks a tie', () => {
    const text = 'lifetime = 30'
    expect(places('session lifetime', block(text, 'other.ts'), block(text, 'session.ts'))[0]?.[0]).toBe('session.ts')
    expect(places('lifetime', block(text, 'first.ts'), block(text, 'second.ts'))[0]?.[0]).toBe('first.ts')
  })

  test('a very long line is quoted around its match, between characters', () => {
    const text = `${'\u{1F600}'.repeat(1000)} needle ${'\u{1F600}'.repeat(1000)}`
    const [span] = bestSpans('needle', [block(text)])
    expect(span?.text).toContain('needle')
    expect(span?.text.length).toBeLessThanOrEqual(600)
    expect(span?.text.isWellFormed()).toBe(true)
    expect(text).toContain(span?.text)
  })
})
