import { bytesHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { registeredRules } from './registered-rules.ts'
import { parseRules } from './rule-file.ts'

fc.configureGlobal({ seed: 20_260_212 })

const bytes = (text: string) => new TextEncoder().encode(text)

function rules(text: string): string[] {
  return parseRules(bytes(text), 'AGENTS.md')
    .rules.map(
      ({ severity, text: rule, source_refs }) =>
        `${source_refs.map(({ selector }) => selector).join(' ')} ${severity} ${rule}`,
    )
    .sort()
}

describe('hard rules', () => {
  test.each([
    ['list items', '- You MUST test\n- ordinary\n', ['lines:1-1 hard You MUST test']],
    [
      'every word',
      '- a SHALL\n- NEVER b\n- ALWAYS c\n- DO NOT d\n- REQUIRED e\n- MUST NOT f\n',
      [
        'lines:1-1 hard a SHALL',
        'lines:2-2 hard NEVER b',
        'lines:3-3 hard ALWAYS c',
        'lines:4-4 hard DO NOT d',
        'lines:5-5 hard REQUIRED e',
        'lines:6-6 hard MUST NOT f',
      ],
    ],
    [
      'sentences of a paragraph',
      'It is so. You MUST test\nfirst. Then NEVER push, e.g. To main. Fine.\n',
      ['lines:1-2 hard You MUST test first.', 'lines:2-2 hard Then NEVER push, e.g. To main.'],
    ],
    [
      'an item is one rule, whatever its sentences',
      '- NEVER push. Not even twice.\n',
      ['lines:1-1 hard NEVER push. Not even twice.'],
    ],
    [
      'a list taken in by its introduction',
      'You MUST NOT:\n\n- push\n- delete\n  - anything\n\nDone.\n',
      ['lines:1-5 hard You MUST NOT: push; delete; anything'],
    ],
    [
      'a nested list taken in by its item',
      '- NEVER:\n  - push\n- ALWAYS ask\n',
      ['lines:1-2 hard NEVER: push', 'lines:3-3 hard ALWAYS ask'],
    ],
    ['check boxes and quotes', '- [ ] MUST a\n\n> NEVER b\n', ['lines:1-1 hard MUST a', 'lines:3-3 hard NEVER b']],
    ['the same words twice are one rule', '- NEVER a\n\n- NEVER  a\n', ['lines:1-1 lines:3-3 hard NEVER a']],
  ])('%s', (_, text, expected) => {
    expect(rules(text)).toEqual(expected)
  })

  test.each([
    ['lower case', '- you must never\n'],
    ['a code span', 'The word `MUST` and `NEVER`.\n'],
    ['a fence', '```\nYou MUST\n```\n'],
    ['a fence inside a list', '- a\n\n  ```\n  - NEVER b\n  ```\n'],
    ['indented code', 'a\n\n    You MUST\n'],
    ['a comment', '<!-- You MUST -->\n\na <!-- NEVER\nb --> c\n'],
    ['a table', '| a | b |\n|---|---|\n| MUST | c |\n'],
    ['a heading', '# ALWAYS READ THIS\n'],
    ['part of a name', '- MUST_NOT_BE and REQUIREDNESS\n'],
    ['front matter', '---\nnote: You MUST\n---\n\ntext\n'],
  ])('not in %s', (_, text) => {
    expect(rules(text)).toEqual([])
  })
})

describe('soft rules', () => {
  test('items that should, prefer or avoid, below a heading that says so', () => {
    const text =
      '# Guide\n\n- prefer this outside\n\n## Coding guidelines\n\n- Prefer small functions\n- plain\n\nYou should not, in a paragraph.\n\n### More\n\n- avoid x\n\n## Other\n\n- should y\n'
    expect(rules(text)).toEqual(['lines:14-14 soft avoid x', 'lines:7-7 soft Prefer small functions'])
  })
})

describe('identity', () => {
  test('follows path and words, not place, order or surroundings', () => {
    const one = parseRules(bytes('- NEVER a\n- MUST b\n'), 'AGENTS.md').rules
    const two = parseRules(bytes('# New\n\n1. MUST   b\n\ntext\n\n* NEVER a\n'), 'AGENTS.md').rules
    expect(two.map(({ rule_id }) => rule_id)).toEqual(one.map(({ rule_id }) => rule_id))
    expect(parseRules(bytes('- NEVER a\n'), 'OTHER.md').rules[0]?.rule_id).not.toBe(one[0]?.rule_id)
  })

  test('names its place, its file at its hash, and its anchor', () => {
    const text = '- NEVER a\n'
    const { source, rules: parsed } = parseRules(bytes(text), 'AGENTS.md')
    const source_hash = bytesHash(bytes(text))
    expect(source).toEqual({ source_id: 'file:AGENTS.md', source_hash })
    const [rule] = parsed
    expect(rule?.anchor_ref).toMatch(/^RID:R-[0-9A-F]{12}$/)
    expect(rule).toMatchObject({
      rule_id: rule?.anchor_ref.slice(4),
      source_refs: [{ kind: 'span', id: 'file:AGENTS.md', hash: source_hash, selector: 'lines:1-1' }],
    })
    expect(registeredRules({ source, rules: parsed })).toMatchObject([
      { anchor: rule?.anchor_ref, source: { source_id: 'file:AGENTS.md', source_hash, selector: 'lines:1-1' } },
    ])
  })

  test('shuffling items gives the same rules', () => {
    const items = ['NEVER a', 'MUST b', 'ALWAYS c', 'DO NOT d']
    fc.assert(
      fc.property(fc.shuffledSubarray(items, { minLength: 4 }), (shuffled) => {
        const ids = (list: string[]) =>
          parseRules(bytes(list.map((item) => `- ${item}\n`).join('')), 'A.md').rules.map(({ rule_id }) => rule_id)
        expect(ids(shuffled)).toEqual(ids(items))
      }),
    )
  })
})

describe('files that are refused', () => {
  test.each([
    ['PACK_ABSOLUTE_PATH', '/AGENTS.md', bytes('- NEVER\n')],
    ['PACK_RULE_FILE_UNREADABLE', 'A.md', Uint8Array.of(0xff, 0xfe)],
    ['PACK_RULE_FILE_UNREADABLE', 'A.md', new Uint8Array(1024 * 1024 + 1)],
    ['PACK_HIDDEN_TEXT', 'A.md', bytes('- NEVER \u202Ehsup\u202C\n')],
    ['PACK_HIDDEN_TEXT', 'A.md', bytes('- NEVER push\u{E0061}\u{E0062}\n')],
    ['PACK_HIDDEN_TEXT', 'A.md', bytes('- NEV\u200BER MUST\n')],
    ['PACK_BUDGET_EXCEEDED', 'A.md', bytes(`- NEVER ${'x'.repeat(4100)}\n`)],
  ])('%s', (code, path, content) => {
    expect(() => parseRules(content, path)).toThrow(expect.objectContaining({ code }))
  })

  test('emoji and joiners are no hidden text', () => {
    expect(rules('- NEVER \u2764\uFE0F \u{1F468}\u200D\u{1F469}\n')).toHaveLength(1)
  })

  test('a BOM and CRLF change nothing but the hash', () => {
    expect(rules('\uFEFF- NEVER a\r\n- MUST b\r\n')).toEqual(['lines:1-1 hard NEVER a', 'lines:2-2 hard MUST b'])
  })

  test('a megabyte of introductions takes linear time', () => {
    const start = process.threadCpuUsage()
    parseRules(bytes('- MUST:\n'.repeat(100_000)), 'A.md')
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(5000)
  })
})
