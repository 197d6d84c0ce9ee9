import fc from 'fast-check'
import { Lexer, type Token } from 'marked'
import { describe, expect, test } from 'vitest'

import { readMarkdownBlocks } from './blocks.ts'

fc.configureGlobal({ seed: 20_260_212 })

/** `2 Title @3` for a heading of rank 2 on line 3; `item`, `paragraph` with their level for prose. */
function outline(text: string): string[] {
  return readMarkdownBlocks(text).map((block) =>
    block.kind === 'heading'
      ? `${block.depth} ${block.text} @${block.startLine}`
      : `${block.kind}${block.level} ${block.lines.join('|')} @${block.startLine}-${block.endLine}`,
  )
}

describe('headings', () => {
  test.each([
    ['ATX of every rank', '# a\n###### f\n####### g', ['1 a @1', '6 f @2', 'paragraph0 ####### g @3-3']],
    ['ATX with closing marks', '## a ##\n## b ## c\n#', ['2 a @1', '2 b ## c @2', '1  @3']],
    ['ATX needs a space', '#a', ['paragraph0 #a @1-1']],
    ['setext of both ranks', 'a\n===\nb\nc\n---', ['1 a @1', '2 b c @3']],
    [
      'setext needs a paragraph',
      '---\nno front matter\n\n===',
      ['paragraph0 no front matter @2-2', 'paragraph0 === @4-4'],
    ],
    ['front matter is skipped', '---\ntitle: x\n---\n# a', ['1 a @4']],
    ['CRLF', '# a\r\n\r\nb\r\n---\r\n', ['1 a @1', '2 b @3']],
    ['none in a list or a quote', '- # a\n> # b', []],
  ])('%s', (_, text, expected) => {
    expect(outline(text)).toEqual(expected)
  })
})

describe('what is not prose', () => {
  test.each([
    ['a fence', '```md\n# a\n- MUST\n```\nb', ['paragraph0 b @5-5']],
    ['a longer fence around a shorter one', '````\n```\n# a\n````\nb', ['paragraph0 b @5-5']],
    ['tildes around backticks', '~~~\n```\n~~~\nb', ['paragraph0 b @4-4']],
    ['an unclosed fence to the end', '```\n# a\n- b', []],
    ['a fence inside an item', '- a\n  ```\n  # b\n  ```\n- c', ['item1 a @1-1', 'item1 c @5-5']],
    ['a fence ends with its item', '- ```\n  x\n\nafter', ['paragraph0 after @4-4']],
    ['a fence ends with its quote', '> ```\n> x\nafter', ['paragraph0 after @3-3']],
    ['an indented fence closes nothing', '```\n    ```\n# a\n```', []],
    ['indented code', 'a\n\n    # b\n\nc', ['paragraph0 a @1-1', 'paragraph0 c @5-5']],
    ['comments', '<!-- # a\n- NEVER -->\nb', ['paragraph0 b @3-3']],
    ['HTML until a blank line', '<div>\n# a\n</div>\n\nb', ['paragraph0 b @5-5']],
    ['tables', '| a | b |\n|---|:-:|\n| MUST | x |\n\nc', ['paragraph0 c @5-5']],
  ])('%s', (_, text, expected) => {
    expect(outline(text)).toEqual(expected)
  })
})

describe('lists and paragraphs', () => {
  test.each([
    ['nested items', '- a\n  - b\n    c\n- d', ['item1 a @1-1', 'item2 b|c @2-3', 'item1 d @4-4']],
    ['lazy continuation', '- a\nb\n\n> c\nd', ['item1 a|b @1-2', 'paragraph0 c|d @4-5']],
    ['a second paragraph of an item', '- a\n\n  b\n\nc', ['item1 a @1-1', 'paragraph1 b @3-3', 'paragraph0 c @5-5']],
    ['items of every mark', '* a\n\n+ b\n\n- c', ['item1 a @1-1', 'item1 b @3-3', 'item1 c @5-5']],
    [
      'breaks of every mark',
      'a\n***\nb\n___\nc\n\n---',
      ['a', 'b', 'c'].map((x, at) => `paragraph0 ${x} @${at * 2 + 1}-${at * 2 + 1}`),
    ],
    ['ordered items go on', '1. a\n2. b\n10) c', ['item1 a @1-1', 'item1 b @2-2', 'item1 c @3-3']],
    ['a number starts no list inside a paragraph', 'in\n1984. it', ['paragraph0 in|1984. it @1-2']],
    ['several markers on one line', '- - a', ['item2 a @1-1']],
    ['a marker on its own line', '-\n  a', ['item1 a @2-2']],
    ['a thematic break is no item', '* * *\na\n\n- - -', ['paragraph0 a @2-2']],
    ['quoted items', '> - a\n> - b', ['item1 a @1-1', 'item1 b @2-2']],
  ])('%s', (_, text, expected) => {
    expect(outline(text)).toEqual(expected)
  })
})

/** An independent parser: the top-level headings and the first lines of list items. */
function reference(text: string): { readonly headings: string[]; readonly items: string[] } {
  const headings: string[] = []
  const items: string[] = []
  const walk = (tokens: readonly Token[], top: boolean): void => {
    for (const token of tokens) {
      if (token.type === 'heading' && top) headings.push(`${token['depth']} ${flat(token['text'])}`)
      if (token.type === 'blockquote') walk(token.tokens ?? [], false)
      if (token.type !== 'list' || !Array.isArray(token['items'])) continue
      for (const item of token['items']) {
        const first = item.tokens.find((inner: Token) => inner.type !== 'space')
        if (first?.type === 'text' || first?.type === 'paragraph') items.push(flat(String(first.text).split('\n')[0]))
        walk(item.tokens, false)
      }
    }
  }
  walk(new Lexer().blockTokens(text, []), true)
  return { headings, items }
}

function flat(text: unknown): string {
  return String(text).replace(/\s+/g, ' ').trim()
}

test('agrees with an independent parser on documents made of ordinary parts', () => {
  const word = fc.constantFrom('alpha', 'beta', 'MUST gamma', 'delta.', '`code`')
  const part = fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 4 }), word).map(([depth, text]) => `${'#'.repeat(depth)} ${text}`),
    fc.tuple(word, fc.constantFrom('===', '---')).map(([text, line]) => `${text}\n${line}`),
    fc.array(word, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
    fc.array(word, { minLength: 1, maxLength: 3 }).map((lines) => lines.map((line) => `- ${line}`).join('\n')),
    fc
      .array(word, { minLength: 1, maxLength: 3 })
      .map((lines) => lines.map((line, i) => `${i + 1}. ${line}`).join('\n')),
    fc.tuple(word, word).map(([outer, inner]) => `- ${outer}\n  - ${inner}\n    more\n- last`),
    word.map((text) => `\`\`\`\n# ${text}\n- ${text}\n\`\`\``),
    word.map((text) => `- ${text}\n\n  \`\`\`\n  # not a heading\n  \`\`\``),
    word.map((text) => `> ${text}\n> - ${text}`),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join('\n\n')
      const blocks = readMarkdownBlocks(text)
      const { headings, items } = reference(text)
      expect(
        blocks.flatMap((block) => (block.kind === 'heading' ? [`${block.depth} ${flat(block.text)}`] : [])),
      ).toEqual(headings)
      expect(blocks.flatMap((block) => (block.kind === 'item' ? [flat(block.lines[0])] : []))).toEqual(items)
    }),
    { numRuns: 500 },
  )
})

test('lines point at the text they came from', () => {
  const piece = fc.constantFrom(
    '# ',
    '- ',
    '> ',
    '    ',
    '```',
    'word',
    '\n',
    '\n\n',
    '1. ',
    '---',
    '<!--',
    '-->',
    '\t',
    '|',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('')
      const lines = text.split('\n')
      for (const block of readMarkdownBlocks(text)) {
        if (block.kind === 'heading') {
          expect(lines.slice(block.startLine - 1, block.endLine).join(' ')).toContain(block.text.split(' ')[0])
        } else {
          block.lines.forEach((line, index) => expect(lines[block.startLine - 1 + index]).toContain(line))
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['lazy quotes', '> a\nb\n'],
  ['quote marks', '>'],
  ['list markers', '1. '],
  ['nested lists', '- a\n  '],
  ['brackets', '['],
  ['comment openings', '<!--'],
  ['fences', '```\n'],
  ['stars', '*'],
])('a megabyte of %s takes linear time', (_, piece) => {
  const text = piece.repeat(1_000_000 / piece.length)
  const start = process.threadCpuUsage()
  readMarkdownBlocks(text)
  // Published parsers need 5 to 158 seconds for some of these; this takes tens of milliseconds.
  expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(3000)
})
