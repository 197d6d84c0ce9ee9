// Rule sources from the command line: which files bind which call, and what happens when one of them changes.
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'

const config = (rules: object) => JSON.stringify({ schema_version: 'ctxlock.config@1', rules })
const task = (scope: readonly string[]) =>
  JSON.stringify({ schema_version: 'ctxlock.task@1', goal: 'Explain the checksum', scope, done: ['It is explained.'] })

const NESTED = {
  ...SMALL_WORKSPACE,
  'AGENTS.md': '# Rules\n\n- Answers MUST name the ROOT.\n',
  'src/AGENTS.md': '- Answers MUST name SRC.\n',
  'docs-src/AGENTS.md': '- Answers MUST name DOCS.\n',
  'ctxlock.config.json': config({ conventions: ['agents-md', 'claude-md'] }),
  'src.json': task(['src/']),
  'both.json': task(['src/', 'docs-src/']),
}

/** The rule files whose words stand in the bytes of the last call. */
async function wordsSent(cwd: string): Promise<string[]> {
  const { value } = await ctxlockJson(['show', 'last'], { cwd })
  const body: { messages: { content: string }[] } = JSON.parse(value.at('body').text)
  const words = ['ROOT', 'SRC', 'DOCS']
  return words.filter(
    (word) => body.messages[0]?.content.includes(`name ${word}.`) || body.messages[0]?.content.includes(`the ${word}.`),
  )
}

test('the nearest AGENTS.md binds a call, and a link to it adds nothing', async () => {
  const cwd = makeWorkspace(NESTED)
  for (const [command, expected] of [
    [['ask', QUESTION], ['ROOT']],
    [['ask', '--file', 'src/checksum.ts', QUESTION], ['SRC']],
    [['run', 'src.json'], ['SRC']],
    [
      ['run', 'both.json'],
      ['SRC', 'DOCS'],
    ],
  ] as const) {
    const result = await ctxlock(command, { cwd })
    expect([0, 7], result.stderr).toContain(result.code)
    expect(await wordsSent(cwd), command.join(' ')).toEqual(expected)
  }

  const before = await ctxlockJson(['ask', QUESTION], { cwd })
  symlinkSync('AGENTS.md', join(cwd, 'CLAUDE.md'))
  const after = await ctxlockJson(['ask', QUESTION], { cwd })
  expect(after.value.at('summary', 'role_pack_hash').text).toBe(before.value.at('summary', 'role_pack_hash').text)
  expect(after.value.at('summary', 'rules').raw).toEqual({ strict: 5, files: ['AGENTS.md'] })
})

test('the lockfile states each rule and each task, and check names what a change of a nested file touches', async () => {
  const cwd = makeWorkspace(NESTED)
  expect((await ctxlock(['lock', '--task', 'src.json'], { cwd })).code).toBe(0)
  expect((await ctxlock(['check'], { cwd })).code).toBe(0)

  writeFiles(cwd, { 'src/AGENTS.md': '- Answers MUST name SRC twice.\n' })
  const { code, value } = await ctxlockJson(['check'], { cwd })
  expect(code).toBe(3)
  const named = (list: string, key: string) =>
    value.at(list).items.map((item) => [item.at('change').text, item.at(key).text])
  expect(named('sources', 'path')).toEqual([['changed', 'src/AGENTS.md']])
  expect(named('rules', 'source').toSorted()).toEqual([
    ['added', 'file:src/AGENTS.md'],
    ['removed', 'file:src/AGENTS.md'],
  ])
  expect(named('tasks', 'name')).toEqual([['changed', 'src.json#MT-001']])
  // The role without a task is bound by the root file, which is the same.
  expect(value.at('roles').items).toEqual([])
})

test('a rule file that turns unreadable or hides text shows in check, and no call is made', async () => {
  const cwd = makeWorkspace(NESTED)
  await ctxlock(['lock', '--task', 'src.json'], { cwd })
  const harm: Readonly<Record<string, [exit: number, harm: () => void]>> = {
    PACK_HIDDEN_TEXT: [8, () => writeFileSync(join(cwd, 'AGENTS.md'), '- Answers MUST be\u202E reversed.\n')],
    PACK_RULE_FILE_UNREADABLE: [2, () => writeFileSync(join(cwd, 'AGENTS.md'), Buffer.of(0xff, 0xfe, 0xfd))],
    PACK_RULE_IMPORT_REFUSED: [
      2,
      () => writeFiles(cwd, { 'AGENTS.md': NESTED['AGENTS.md'], 'CLAUDE.md': '@gone.md\n' }),
    ],
  }
  for (const [expected, [exit, change]] of Object.entries(harm)) {
    change()
    const check = await ctxlockJson(['check'], { cwd })
    expect([check.code, check.value.at('sources').items.length], expected).toEqual([3, 1])
    const asked = await ctxlockJson(['ask', QUESTION], { cwd })
    expect([asked.code, asked.value.at('error', 'code').text]).toEqual([exit, expected])
  }
})

describe('what the config may say', () => {
  test.each<[string, object, RegExp]>([
    [
      'an unknown convention',
      { conventions: ['gemini-md'] },
      /`rules\.conventions\.0`.*agents-md.*claude-md.*cursor-rules/,
    ],
    ['a skill that is not there', { skills: ['release'] }, /release\/SKILL\.md/],
    ['a file that is not there', { files: ['RULES.md'] }, /RULES\.md is a rule file and cannot be read \(missing\)/],
  ])('%s is refused with what to do', async (_, rules, message) => {
    const result = await ctxlock(['ask', QUESTION], {
      cwd: makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config(rules) }),
    })
    expect(result.code).toBe(2)
    expect(result.stderr).toMatch(message)
  })

  test('without a config no file is a rule, however it is called', async () => {
    const { 'ctxlock.config.json': _, ...files } = NESTED
    const cwd = makeWorkspace(files)
    await ctxlock(['ask', QUESTION], { cwd })
    expect(await wordsSent(cwd)).toEqual([])
  })

  test('`sources.include` takes no rule out of force, `sources.exclude` does', async () => {
    for (const [sources, expected] of [
      [{ include: ['docs-src/', 'README.md'] }, ['SRC']],
      [{ exclude: ['src/AGENTS.md'] }, ['ROOT']],
    ] as const) {
      const rules = { schema_version: 'ctxlock.config@1', rules: { conventions: ['agents-md'] }, sources }
      const cwd = makeWorkspace({ ...NESTED, 'ctxlock.config.json': JSON.stringify(rules) })
      await ctxlock(['ask', '--file', 'src/checksum.ts', QUESTION], { cwd })
      expect(await wordsSent(cwd)).toEqual(expected)
    }
  })
})
