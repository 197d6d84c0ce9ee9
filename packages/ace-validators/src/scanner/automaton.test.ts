import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { buildAutomaton } from './automaton.ts'
import { reaches } from './reaches.ts'

const SEED = 20261120

/** The obvious way: white space collapsed, every position tried. */
function naive(patterns: readonly string[], text: string): Set<string> {
  const collapsed = text.replace(/\p{White_Space}+/gu, ' ')
  return new Set(patterns.filter((pattern) => collapsed.includes(pattern)))
}

const letter = fc.constantFrom('a', 'b', 'c', 'é', '漢')
const word = fc.string({ unit: letter, minLength: 1, maxLength: 4 })
const pattern = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '))
const patternList = fc.uniqueArray(pattern, { minLength: 1, maxLength: 6 })
const haystack = fc.string({ unit: fc.oneof(letter, fc.constantFrom(' ', '\t', '\u3000', 'x')), maxLength: 60 })

describe('buildAutomaton', () => {
  it('finds what a naive search finds, overlapping patterns included', () => {
    fc.assert(
      fc.property(patternList, haystack, (patterns, text) => {
        const automaton = buildAutomaton(patterns)
        const found = new Set(automaton.findAll(text, 1000).map((hit) => patterns[hit.pattern]))
        expect(found).toEqual(naive(patterns, text))
        expect(automaton.contains(text)).toBe(found.size > 0)
      }),
      { seed: SEED, numRuns: 1000 },
    )
  })

  it('reports where each hit ends', () => {
    const automaton = buildAutomaton(['he', 'she', 'his', 'hers'])
    expect(automaton.findAll('ushers', 10)).toEqual([
      { pattern: 1, end: 4 },
      { pattern: 0, end: 4 },
      { pattern: 3, end: 6 },
    ])
    expect(automaton.findAll('hehehe', 2)).toHaveLength(2)
  })

  it('takes a run of any white space for one space', () => {
    const automaton = buildAutomaton(['new instructions'])
    expect(automaton.contains('new \t\u00a0\u2028 instructions')).toBe(true)
    expect(automaton.contains('newinstructions')).toBe(false)
  })

  it('reads codes as what they are defined to stand for, nothing and several characters included', () => {
    const automaton = buildAutomaton(['rnode on'])
    const table = automaton.codeTable()
    for (const [code, image] of ['r', 'n', 'rn', '', 'o', 'd', 'e', ' '].entries()) {
      const effect = automaton.effectOf(image)
      if (effect) table.define(code, effect)
    }
    const contains = (...codes: number[]) => reaches(table.search, Uint8Array.from(codes))
    expect(contains(2, 4, 5, 6, 7, 4, 1)).toBe(true)
    expect(contains(0, 3, 1, 4, 5, 3, 6, 7, 7, 4, 1)).toBe(true)
    expect(contains(0, 4, 5, 6, 7, 4, 1)).toBe(false)
    expect(contains(...Array.from({ length: 9000 }, () => 0), 2, 4, 5, 6, 7, 4, 1, 0)).toBe(true)
  })

  it('knows texts that it cannot tell apart', () => {
    const { effectOf } = buildAutomaton(['rnode on'])
    expect(effectOf('xyz')).toBe(effectOf('-'))
    expect(effectOf(' \u00a0')).toBe(effectOf(' '))
    // `re` is in no pattern, so that what stands before the `e` does not matter.
    expect(effectOf('re')).toBe(effectOf('?e'))
    expect(effectOf('de')).not.toBe(effectOf('?e'))
    expect(effectOf('')).not.toBe(effectOf('?'))
  })

  it('refuses more patterns than its tables can number', () => {
    expect(() => buildAutomaton([`a${'b'.repeat(70_000)}`]).codeTable()).toThrow(RangeError)
  })

  it('has the same cost for a hostile text as for a friendly one', () => {
    const automaton = buildAutomaton(['aaaaaaaaab', 'aaaaaaaac', 'aaaaaaad'])
    const started = process.threadCpuUsage()
    expect(automaton.contains('a'.repeat(1 << 20))).toBe(false)
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(2000)
  })
})
