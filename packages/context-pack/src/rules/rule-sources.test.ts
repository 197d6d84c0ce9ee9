import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { memoryReader } from '../../test/support.ts'
import { rulesInForce } from './rule-reach.ts'
import { readRuleSources, type RuleSourcesInput } from './rule-sources.ts'

fc.configureGlobal({ seed: 20_261_121 })

type Files = Readonly<Record<string, string>>

function sourcesOf(files: Files, rules: Partial<RuleSourcesInput>) {
  const paths = Object.keys(files).sort()
  return readRuleSources({ reader: memoryReader(files), paths, files: [], conventions: [], skills: [], ...rules })
}

/** The files whose rules hold for a scope. */
function held(files: Files, rules: Partial<RuleSourcesInput>, scope: readonly string[]): string[] {
  return rulesInForce(sourcesOf(files, rules), scope, (path) => /\.\w+$/.test(path)).map(({ path }) => path)
}

const rule = (words: string) => `- You MUST ${words}.\n`

test('no convention named, no file found: nobody named them as governed (CP-043)', () => {
  expect(sourcesOf({ 'AGENTS.md': rule('a'), 'CLAUDE.md': rule('b'), '.cursor/rules/c.mdc': rule('c') }, {})).toEqual(
    [],
  )
})

test('a file that is no source governs nothing and replaces nothing (CP-043)', () => {
  const skill = '---\nname: release\ndescription: how\n---\n'
  const files = {
    'AGENTS.md': rule('say root'),
    'vendor/x/AGENTS.md': rule('say x'),
    'vendor/x/.cursor/rules/c.mdc': 'no front matter',
    'release/SKILL.md': `${skill}${rule('release')}`,
    'vendor/release/SKILL.md': `${skill}${rule('release otherwise')}`,
  }
  const rules = {
    conventions: ['agents-md', 'cursor-rules'],
    skills: ['release'],
    isSource: (path: string) => !path.startsWith('vendor/'),
  } as const
  expect(held(files, rules, ['vendor/x/y.ts'])).toEqual(['AGENTS.md', 'release/SKILL.md'])
})

describe('AGENTS.md: the nearest file wins', () => {
  const files = {
    'AGENTS.md': rule('say root'),
    'packages/a/AGENTS.md': rule('say a'),
    'packages/a/deep/AGENTS.md': rule('say deep'),
    'packages/b/AGENTS.md': rule('say b'),
  }
  const agents = { conventions: ['agents-md'] } as const

  test.each<[string, string[], string[]]>([
    ['no scope', [], ['AGENTS.md']],
    ['a file of a folder without its own', ['src/x.ts'], ['AGENTS.md']],
    ['a file', ['packages/a/x.ts'], ['packages/a/AGENTS.md']],
    ['a file further down', ['packages/a/deep/er/x.ts'], ['packages/a/deep/AGENTS.md']],
    ['a folder with others below it', ['packages/a/'], ['packages/a/AGENTS.md', 'packages/a/deep/AGENTS.md']],
    ['a pattern of one level', ['packages/a/*.ts'], ['packages/a/AGENTS.md']],
    ['two folders', ['packages/a/x.ts', 'packages/b/'], ['packages/a/AGENTS.md', 'packages/b/AGENTS.md']],
    ['everything', ['**'], Object.keys(files).sort()],
    ['a name that only begins the same', ['packages/ab/x.ts'], ['AGENTS.md']],
    ['a file that does not exist yet', ['packages/b/new/x.ts'], ['packages/b/AGENTS.md']],
  ])('%s', (_, scope, expected) => {
    expect(held(files, agents, scope)).toEqual(expected)
  })

  test('a file that the config names is never replaced', () => {
    expect(held(files, { ...agents, files: ['AGENTS.md'] }, ['packages/b/x.ts'])).toEqual([
      'AGENTS.md',
      'packages/b/AGENTS.md',
    ])
  })

  test('a wider scope is never bound by fewer files', () => {
    const path = fc.constantFrom(
      'src/x.ts',
      'packages/a/x.ts',
      'packages/a/deep/',
      'packages/*/x.ts',
      '**/x.ts',
      'packages/',
    )
    fc.assert(
      fc.property(fc.array(path, { minLength: 1 }), path, (scope, more) => {
        expect(held(files, agents, [...scope, more])).toEqual(expect.arrayContaining(held(files, agents, scope)))
      }),
    )
  })
})

describe('CLAUDE.md', () => {
  const claude = { conventions: ['claude-md'] } as const

  test('holds with every one above it', () => {
    const files = { 'CLAUDE.md': rule('a'), 'src/CLAUDE.md': rule('b'), '.claude/CLAUDE.md': rule('c') }
    expect(held(files, claude, ['src/x.ts'])).toEqual(['.claude/CLAUDE.md', 'CLAUDE.md', 'src/CLAUDE.md'])
    expect(held(files, claude, [])).toEqual(['.claude/CLAUDE.md', 'CLAUDE.md'])
  })

  test('takes in documents with @, wherever they are told to hold', () => {
    const files = {
      'src/CLAUDE.md': 'See @../rules/style.md, and @./more.txt. Not `@../secret.md`, @ai-sdk/openai or a@b.md.\n',
      'src/more.txt': rule('b'),
      'rules/style.md': `${rule('a')}\nAlso @deep.md\n`,
      'rules/deep.md': 'Back to @../src/CLAUDE.md\n',
    }
    expect(held(files, claude, ['src/'])).toEqual(['rules/deep.md', 'rules/style.md', 'src/CLAUDE.md', 'src/more.txt'])
    expect(held(files, claude, ['lib/'])).toEqual([])
  })

  test('a rule belongs to the file it stands in, so importing AGENTS.md repeats nothing', () => {
    const files = { 'AGENTS.md': rule('a'), 'CLAUDE.md': '@AGENTS.md\n', 'lib/AGENTS.md': rule('b') }
    const both = { conventions: ['agents-md', 'claude-md'] } as const
    expect(held(files, both, [])).toEqual(['AGENTS.md', 'CLAUDE.md'])
    // The root file is also what CLAUDE.md says, and that holds below lib as well.
    expect(held(files, both, ['lib/'])).toEqual(['AGENTS.md', 'CLAUDE.md', 'lib/AGENTS.md'])
  })

  test('a link to the AGENTS.md beside it is the same source', () => {
    const files = { 'AGENTS.md': rule('a'), 'CLAUDE.md': rule('a') }
    const sources = sourcesOf(files, { conventions: ['agents-md', 'claude-md'] })
    expect(sources.map(({ path }) => path)).toEqual(['AGENTS.md'])
    expect(sourcesOf(files, { files: ['CLAUDE.md', 'AGENTS.md'] })).toHaveLength(1)
  })

  test('a copy in another folder repeats nothing where both hold', () => {
    const files = { 'a/AGENTS.md': rule('a'), 'b/AGENTS.md': rule('a') }
    expect(held(files, { conventions: ['agents-md'] }, ['a/', 'b/'])).toEqual(['a/AGENTS.md'])
    expect(held(files, { conventions: ['agents-md'] }, ['b/'])).toEqual(['b/AGENTS.md'])
  })

  test.each([
    ['a missing document', { 'CLAUDE.md': '@rules.md\n' }],
    ['the home folder', { 'CLAUDE.md': '@~/.claude/mine.md\n' }],
    ['an absolute path', { 'CLAUDE.md': 'Read @/etc/rules.md first.\n' }],
    ['a drive letter', { 'CLAUDE.md': '@C:/rules.md\n' }],
    ['a way out of the workspace', { 'src/CLAUDE.md': '@../../rules.md\n', 'rules.md': rule('a') }],
    [
      'a chain of six',
      Object.fromEntries(
        [...Array(7).keys()].map((index) => [index === 0 ? 'CLAUDE.md' : `${index}.md`, `@${index + 1}.md\n`]),
      ),
    ],
  ])('%s cannot be taken in', (_, files) => {
    expect(() => sourcesOf(files, claude)).toThrow(expect.objectContaining({ code: 'PACK_RULE_IMPORT_REFUSED' }))
  })
})

describe('Cursor rules', () => {
  const file = (front: string, words: string) => `---\n${front}\n---\n${rule(words)}`
  const cursor = { conventions: ['cursor-rules'] } as const
  const files = {
    '.cursor/rules/always.mdc': file('alwaysApply: true\nglobs: *.py', 'a'),
    '.cursor/rules/group/ts.mdc': file('description: TypeScript\nglobs: *.ts,*.tsx\nalwaysApply: false', 'b'),
    '.cursor/rules/chosen.mdc': file('description: when a model thinks so', 'c'),
    '.cursor/rules/notes.md': rule('d'),
    'lib/.cursor/rules/lib.mdc': file('alwaysApply: true', 'e'),
  }

  test.each<[string, string[], string[]]>([
    ['no scope', [], ['.cursor/rules/always.mdc']],
    ['a matching file', ['src/a.tsx'], ['.cursor/rules/always.mdc', '.cursor/rules/group/ts.mdc']],
    ['another file', ['src/a.py'], ['.cursor/rules/always.mdc']],
    ['a folder with its own', ['lib/a.py'], ['.cursor/rules/always.mdc', 'lib/.cursor/rules/lib.mdc']],
    ['a folder that may hold a match', ['src/'], ['.cursor/rules/always.mdc', '.cursor/rules/group/ts.mdc']],
  ])('%s', (_, scope, expected) => {
    expect(held(files, cursor, scope)).toEqual(expected)
  })

  test.each(['alwaysApply: "yes"', 'alwaysApply: true\n\nno end'])('%s is refused', (front) => {
    const text = front.includes('no end') ? `---\n${front}` : file(front, 'a')
    expect(() => sourcesOf({ '.cursor/rules/a.mdc': text }, cursor)).toThrow(
      expect.objectContaining({ code: 'PACK_RULE_FILE_UNREADABLE' }),
    )
  })
})

describe('skills', () => {
  const skill = (name: string) => `---\nname: ${name}\ndescription: >-\n  How to release.\n---\n${rule('tag')}`

  test('hold when the config names them, whatever folder keeps them', () => {
    const files = { '.claude/skills/release/SKILL.md': skill('release'), 'other/SKILL.md': skill('other') }
    expect(held(files, { skills: ['release'] }, [])).toEqual(['.claude/skills/release/SKILL.md'])
    const twice = { ...files, '.cursor/skills/release/SKILL.md': skill('release') }
    expect(held(twice, { skills: ['release'] }, ['src/'])).toEqual(['.claude/skills/release/SKILL.md'])
  })

  test.each<[string, Files]>([
    ['is nowhere', { 'SKILL.md': skill('release') }],
    ['bears another name', { 'release/SKILL.md': skill('other') }],
    ['has no description', { 'release/SKILL.md': '---\nname: release\n---\n' }],
    ['has two texts', { 'a/release/SKILL.md': skill('release'), 'b/release/SKILL.md': `${skill('release')}\n` }],
  ])('one that %s is refused', (_, files) => {
    expect(() => sourcesOf(files, { skills: ['release'] })).toThrow(
      expect.objectContaining({ code: 'PACK_RULE_FILE_UNREADABLE' }),
    )
  })
})

test('a named file that is gone is refused, and the message says which', () => {
  expect(() => sourcesOf({}, { files: ['RULES.md'] })).toThrow(/^RULES\.md .*missing/)
})
