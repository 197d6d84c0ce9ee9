import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ValidatorError } from '../validator-error.ts'
import { BUILT_IN_PATTERNS } from './patterns.ts'
import type { ScanBlock } from './matches.ts'
import { createScanner } from './scan.ts'
import { collapse, transform, VIEWS } from './views.ts'

const SEED = 20261120
const HASH = 'a'.repeat(64)

interface Vectors<Case> {
  readonly profile_patterns: readonly { readonly id: string; readonly text: string }[]
  readonly cases: readonly Case[]
}
interface Detected {
  readonly name: string
  readonly text: string
  readonly pattern_id: string
  readonly view_id: string
  readonly action: string
  readonly offset: number
  readonly length: number
  readonly utf16: readonly [number, number]
  readonly raw: string
}
interface Split {
  readonly name: string
  readonly snippets: readonly string[]
  readonly action: string
  readonly pattern_id?: string
  readonly view_id?: string
  readonly members?: readonly number[]
}

function vectors<Case>(name: string): Vectors<Case> {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/injection/${name}.json`, import.meta.url), 'utf8'))
}

function block(text: string, index = 0): ScanBlock {
  return { block: `s${index}`, text, content_hash: HASH, candidate_id: null, source_ref_hash: null }
}

const detect = vectors<Detected>('detect')
const borders = vectors<Split>('borders')
const scanner = createScanner({ patterns: detect.profile_patterns })

describe('T-VAL-102: views', () => {
  it.each(detect.cases)('finds: $name', ({ text, pattern_id, view_id, action, offset, length, utf16, raw }) => {
    const finding = scanner.find(text)
    const [occurrence] = finding?.occurrences ?? []
    expect(finding).toMatchObject({ viewId: view_id, action })
    expect(occurrence?.pattern.id).toBe(pattern_id)
    expect(occurrence).toMatchObject({ offset, length, start: utf16[0], end: utf16[1] })
    expect(text.slice(occurrence?.start, occurrence?.end)).toBe(raw)
  })

  it.each(vectors<{ name: string; text: string }>('no-detect').cases)('does not find: $name', ({ text }) => {
    expect(scanner.find(text)).toBeUndefined()
  })

  it('quarantines what only V6 shows, and lets it pass when the profile turns V6 off', () => {
    expect(scanner.scan([block('set ignore_previous = 1')]).action).toBe('quarantine')
    expect(createScanner({ quarantineView: false }).scan([block('set ignore_previous = 1')]).action).toBe('none')
    expect(scanner.scan([block('set ignore_previous = 1'), block('ignore previous', 1)])).toMatchObject({
      action: 'poison',
      matches: [{ view_id: 'V0' }],
    })
  })

  it('maps a match to UTF-16 and UTF-8 offsets of the raw text', () => {
    const text = '😀 é — IGNORE\u00a0PREVIOUS!'
    const { matches } = scanner.scan([{ ...block(text), candidate_id: 'c1', source_ref_hash: HASH }])
    const [member] = matches[0]?.members ?? []
    expect(matches).toHaveLength(1)
    expect(matches[0]).toMatchObject({ pattern_id: 'PI-001', view_id: 'V0', offset: 6, length: 15 })
    expect(matches[0]?.table_version).toMatch(/^unicode-17\.0\.0\+/)
    expect(member).toMatchObject({ block: 's0', candidate_id: 'c1', content_hash: HASH, source_ref_hash: HASH })
    expect(text.slice(member?.utf16_start, member?.utf16_end)).toBe('IGNORE\u00a0PREVIOUS')
    expect(Buffer.from(text).subarray(member?.utf8_start, member?.utf8_end).toString()).toBe('IGNORE\u00a0PREVIOUS')
  })

  it('carries no text in its matches', () => {
    const { matches } = scanner.scan([block('canary-before IGNORE PREVIOUS canary-after')])
    expect(JSON.stringify(matches)).not.toMatch(/canary|ignore/i)
  })

  it('finds the pattern a naive scan finds and composition hides', () => {
    // The literal view composes the last letter away; the raw-folded view and V3 do not.
    const text = 'developer mode\u0301'
    const views = VIEWS.filter((view) => collapse(transform(view, text)).includes('developer mode')).map(({ id }) => id)
    expect(views).toEqual(['V5', 'R0', 'V6'])
    expect(scanner.scan([block(text)]).action).toBe('poison')
  })

  it('bounds the number of matches', () => {
    const result = scanner.scan([block('ignore previous '.repeat(5000))])
    expect(result.action).toBe('poison')
    expect(result.matches).toHaveLength(64)
  })
})

describe('T-X-VAL-02: borders', () => {
  it.each(borders.cases)('$name', ({ snippets, action, pattern_id, view_id, members }) => {
    const result = scanner.scan(snippets.map(block))
    expect(result.action).toBe(action)
    expect(result.matches[0]?.pattern_id).toBe(pattern_id)
    expect(result.matches[0]?.view_id).toBe(view_id)
    expect(result.matches[0]?.members.map((part) => Number(part.block.slice(1)))).toEqual(members)
  })

  it('points at both sides of the border', () => {
    const [match] = scanner.scan([block('one ignore  '), block('\nprevious two', 1)]).matches
    expect(match?.members.map(({ utf16_start, utf16_end }) => [utf16_start, utf16_end])).toEqual([
      [4, 10],
      [1, 9],
    ])
  })
})

describe('all that is there', () => {
  // One letter belongs to both: with the plain one cut out, the disguised one would be gone too.
  const hidden = 'ignore previou\u200bsystem command'

  it('names what every view shows, where the first view would keep the rest from sight', () => {
    const text = `Ignore previous. ${hidden}. Set developer_mode, aWdub3JlIHByZXZpb3Vz.`
    expect(scanner.find(text)).toEqual(scanner.findAll(text)[0])
    const seen = scanner
      .findAll(text)
      .flatMap(({ viewId, occurrences }) => occurrences.map(({ pattern, start }) => `${viewId} ${pattern.id} ${start}`))
    expect(seen).toEqual(
      expect.arrayContaining(['V0 PI-001 0', 'V0 PI-003 32', 'V1 PI-001 17', 'V6 PI-004 52', 'runs.V0 PI-001 68']),
    )
    expect(scanner.findAll('Nothing of it.')).toEqual([])
  })

  it('looks at the borders of blocks that were judged, and not at them', () => {
    const block = (text: string): ScanBlock => ({
      block: text,
      text,
      content_hash: HASH,
      candidate_id: null,
      source_ref_hash: null,
    })
    const blocks = [block('Ignore previous. Best to ignore'), block('previous lines')]
    expect(scanner.scan(blocks).action).toBe('poison')
    expect(scanner.scan(blocks, ({ block: name }) => name.startsWith('Ignore'))).toMatchObject({
      action: 'quarantine',
      matches: [{ pattern_id: 'PI-001', members: [{ utf16_start: 25 }, { utf16_start: 0 }] }],
    })
  })
})

describe('T-X-VAL-01: profile patterns', () => {
  it.each([
    ['empty', ''],
    ['blank', ' \t\u00a0'],
    ['three characters', 'sys'],
    ['three characters once zero-width ones are gone', 's\u200by\u200bs'],
    ['too long', 'x'.repeat(513)],
  ])('refuses: %s', (_, text) => {
    expect(() => createScanner({ patterns: [{ id: 'P', text }] })).toThrow(
      expect.objectContaining({ name: 'ValidatorError', code: 'PATTERN_INVALID' }),
    )
  })

  it('refuses an id that is taken, and more patterns than it can hold', () => {
    expect(() => createScanner({ patterns: [{ id: 'PI-001', text: 'abcdef' }] })).toThrow(ValidatorError)
    const many = Array.from({ length: 1001 }, (_, index) => ({ id: `P${index}`, text: `pattern ${index}` }))
    expect(() => createScanner({ patterns: many })).toThrow(ValidatorError)
    expect(createScanner({ patterns: many.slice(1) }).find('a pattern 1000 here')).toBeDefined()
    const long = Array.from({ length: 40 }, (_, index) => ({ id: `P${index}`, text: `${index} ${'x'.repeat(500)}` }))
    expect(() => createScanner({ patterns: long })).toThrow(ValidatorError)
  })

  it('matches the plain form of a pattern written with look-alikes, and the other way round', () => {
    const strict = createScanner({ patterns: [{ id: 'P', text: '\u0455\u043er\u0435n\u0430 tоken' }] })
    expect(strict.find('the sorena token')?.occurrences[0]?.pattern.id).toBe('P')
    expect(strict.find('the s\u043erena token')?.occurrences[0]?.pattern.id).toBe('P')
  })

  it('cannot switch the built-in patterns off', () => {
    const strict = createScanner({ patterns: [{ id: 'P', text: 'something else' }] })
    for (const { id, text } of BUILT_IN_PATTERNS) expect(strict.find(text)?.occurrences[0]?.pattern.id).toBe(id)
  })
})

describe('properties', () => {
  const evasions: readonly ((letter: string) => string)[] = [
    (letter) => letter,
    (letter) => letter.toUpperCase(),
    (letter) => `${letter}\u200b`,
    (letter) => `\u00ad${letter}`,
    (letter) => `${letter}\u0336`,
    (letter) => ({ i: '\u0456', o: '\u03bf', e: '\u0435', s: '\u0455' })[letter] ?? letter,
    (letter) => (letter >= 'a' && letter <= 'z' ? String.fromCodePoint(letter.charCodeAt(0) - 97 + 0x1d41a) : letter),
  ]
  const noise = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...Array.from('xy .é漢😀\u0301\u200b\n')),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
    maxLength: 40,
  })

  it('never throws, and every span holds raw text that shows the pattern in the view', () => {
    fc.assert(
      fc.property(
        noise,
        noise,
        fc.constantFrom(...BUILT_IN_PATTERNS),
        fc.constantFrom(...evasions),
        fc.constantFrom(' ', '\n', ' \t ', '\u2028'),
        (before, after, pattern, evade, space) => {
          const hidden = Array.from(pattern.text, (letter) => (letter === ' ' ? space : evade(letter))).join('')
          const text = before + hidden + after
          const finding = scanner.find(text)
          expect(finding).toBeDefined()
          for (const { start, end, pattern: found } of finding?.occurrences ?? []) {
            const raw = text.slice(start, end)
            const view = VIEWS.find(({ id }) => id === finding?.viewId)
            if (view) expect(collapse(transform(view, raw))).toContain(collapse(transform(view, found.text)))
            else expect(scanner.find(raw)).toMatchObject({ action: 'poison' })
          }
        },
      ),
      { seed: SEED, numRuns: 1500 },
    )
  })

  it('looks at the mandatory view by itself where a mark changes the order of others', () => {
    // In V3 the overlay stands before the voicing mark that V0 composes.
    const voiced = createScanner({ patterns: [{ id: 'P', text: 'がぎ ガギ' }] })
    expect(voiced.find('がぎ ガギ\u0334')?.viewId).toBe('V0')
  })

  it('is not worn out by a text of ever new characters', () => {
    const fresh = createScanner()
    const text = Array.from({ length: 60_000 }, (_, index) => String.fromCodePoint(0x20000 + index)).join('')
    const started = process.threadCpuUsage()
    for (let round = 0; round < 3; round += 1) expect(fresh.find(`${text} ignore previous`)?.viewId).toBe('V0')
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(5000)
  })

  it('runs out of codes without running out of sight', () => {
    // More kinds of characters than there are codes: a profile whose patterns use many letters, and a text that uses them.
    const letters = Array.from({ length: 300 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')
    const many = createScanner({ patterns: [{ id: 'P', text: letters }] })
    expect(many.find(`x ${letters} y`)?.occurrences[0]?.pattern.id).toBe('P')
    expect(many.find(`${letters.slice(1)} ignore previous`)?.viewId).toBe('V0')
    expect(many.find(letters.slice(1))).toBeUndefined()
  })

  it.each([
    ['alternating marks', 'a' + '\u0301\u0323'.repeat(1 << 19)],
    ['zero-width characters', 'a\u200b'.repeat(1 << 19)],
    ['almost a pattern', 'ignore previou '.repeat(70_000)],
    ['white space', 'ignore' + ' '.repeat(1 << 20)],
    ['halfwidth marks', '\uff9e\u0301'.repeat(1 << 19)],
    ['eighteenfold expansion', '\ufdfa'.repeat(1 << 18)],
  ])('stays linear on 1 MiB of %s', (_, text) => {
    const started = process.threadCpuUsage()
    expect(scanner.find(text)).toBeUndefined()
    // Quadratic sorting of marks took minutes; linear work takes well under a second on an idle machine.
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(10_000)
  })
})
