// Rule sources through the runner: which files bind which call, and what happens when one of them changes.
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { askSubject } from '../src/commands/ask.ts'
import { EXIT_CODE } from '../src/exit-code.ts'
import { asCommandError } from '../src/failure/failure.ts'
import { lockWorkspace } from '../src/lock/lock-workspace.ts'
import { checkWorkspace } from '../src/lock/workspace-check.ts'
import { planTask, readTask } from '../src/tasks/task-file.ts'
import { ctxlockJson } from './support/ctxlock.ts'
import { callIn, openedSession } from './support/governed-calls.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'

const config = (rules: object, more: object = {}) =>
  JSON.stringify({ schema_version: 'ctxlock.config@1', rules, ...more })
const task = (scope: readonly string[]) =>
  JSON.stringify({ schema_version: 'ctxlock.task@1', goal: 'Explain the checksum', scope, done: ['It is explained.'] })

const NESTED = {
  ...SMALL_WORKSPACE,
  'AGENTS.md': '# Rules\n\n- Answers MUST name ROOT.\n',
  'src/AGENTS.md': '- Answers MUST name SRC.\n',
  'docs-src/AGENTS.md': '- Answers MUST name DOCS.\n',
  'ctxlock.config.json': config({ conventions: ['agents-md', 'claude-md'] }),
  'src.json': task(['src/']),
  'both.json': task(['src/', 'docs-src/']),
}

/** Which of the nested rules stand in the bytes that a call sends. */
async function wordsSent(root: string, asked: { readonly files?: readonly string[]; readonly task?: string } = {}) {
  const session = await openedSession(root)
  const [subject] =
    asked.task === undefined
      ? [askSubject(QUESTION, asked.files ?? [], session.config)]
      : planTask(readTask(join(root, asked.task)), session.config).subjects
  if (!subject) throw new Error('no subject')
  const call = await callIn(session, subject)
  const sent = Buffer.from(call.compiled.prepared.body).toString('utf8')
  return { call, words: ['ROOT', 'SRC', 'DOCS'].filter((word) => sent.includes(`MUST name ${word}.`)) }
}

test('the nearest AGENTS.md binds a call, and a link to it adds nothing', async () => {
  const root = makeWorkspace(NESTED)
  const before = await wordsSent(root)
  expect(before.words).toEqual(['ROOT'])
  expect((await wordsSent(root, { files: ['src/checksum.ts'] })).words).toEqual(['SRC'])
  expect((await wordsSent(root, { task: 'src.json' })).words).toEqual(['SRC'])
  expect((await wordsSent(root, { task: 'both.json' })).words).toEqual(['SRC', 'DOCS'])

  symlinkSync('AGENTS.md', join(root, 'CLAUDE.md'))
  const after = await wordsSent(root)
  expect(after.call.bound.rolePack.pack_hash).toBe(before.call.bound.rolePack.pack_hash)
  expect(after.call.bound.rolePack.sources.map(({ source_id }) => source_id)).toEqual([
    'ctxlock:rules',
    'file:AGENTS.md',
  ])
})

test('the summary names the rule files that bind the call, in JSON and as text', async () => {
  const cwd = makeWorkspace(NESTED)
  const { value, code } = await ctxlockJson(['ask', '--file', 'src/checksum.ts', QUESTION], { cwd })
  expect(code).toBe(0)
  expect(value.at('summary', 'rules').raw).toEqual({ strict: 5, files: ['src/AGENTS.md'] })
})

/** What check says after a change: the names of what differs, by section. */
async function lockedAndChanged(files: Readonly<Record<string, string>>, change: (root: string) => void) {
  const root = makeWorkspace(files)
  const session = await openedSession(root)
  const { random } = session.environment
  const ids = { runId: random.uuid(), sessionId: random.uuid() }
  const lockfile = await lockWorkspace(session, ids, ['src.json'], () => {})
  expect((await checkWorkspace(root, lockfile, () => {})).status).toBe('matches')
  change(root)
  return { root, check: await checkWorkspace(root, lockfile, () => {}) }
}

test('the lockfile states each rule and each task, and check names what a change of a nested file touches', async () => {
  const { check } = await lockedAndChanged(NESTED, (root) =>
    writeFiles(root, { 'src/AGENTS.md': '- Answers MUST name SRC twice.\n' }),
  )
  expect(check.status).toBe('changed')
  expect(check.sources).toMatchObject([{ change: 'changed', path: 'src/AGENTS.md' }])
  expect(check.rules.map(({ change, source }) => `${change} ${source}`).toSorted()).toEqual([
    'added file:src/AGENTS.md',
    'removed file:src/AGENTS.md',
  ])
  expect(check.tasks).toMatchObject([{ change: 'changed', name: 'src.json#MT-001' }])
  // The role without a task is bound by the root file, which is the same.
  expect(check.roles).toEqual([])
})

describe('a rule file that is no longer one shows in check, and no call is made', () => {
  test.each<[string, number, Record<string, string | Uint8Array>]>([
    ['PACK_HIDDEN_TEXT', EXIT_CODE.refused, { 'AGENTS.md': '- Answers MUST be\u202E reversed.\n' }],
    ['PACK_RULE_FILE_UNREADABLE', EXIT_CODE.usage, { 'AGENTS.md': Uint8Array.of(0xff, 0xfe, 0xfd) }],
    ['PACK_RULE_IMPORT_REFUSED', EXIT_CODE.usage, { 'CLAUDE.md': '@gone.md\n' }],
  ])('%s', async (code, exit, files) => {
    const { root, check } = await lockedAndChanged(NESTED, (folder) => {
      for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content)
    })
    expect(check).toMatchObject({ status: 'changed', sources: [{ path: Object.keys(files)[0] }] })
    expect(await refusal(root)).toMatchObject({ code, exit })
  })
})

describe('what the config may say', () => {
  test.each<[string, object, RegExp]>([
    [
      'an unknown convention',
      { conventions: ['gemini-md'] },
      /`rules\.conventions\.0`.*agents-md.*claude-md.*cursor-rules/,
    ],
    ['a skill that is not there', { skills: ['release'] }, /release\/SKILL\.md/],
    ['a file that is not there', { files: ['RULES.md'] }, /^RULES\.md is a rule file and cannot be read \(missing\)/],
  ])('%s is refused with what to do', async (_, rules, message) => {
    const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config(rules) })
    expect(await refusal(root)).toMatchObject({ exit: EXIT_CODE.usage, message: expect.stringMatching(message) })
  })

  test('without a config no file is a rule, however it is called', async () => {
    const { 'ctxlock.config.json': _, ...files } = NESTED
    expect((await wordsSent(makeWorkspace(files))).words).toEqual([])
  })

  test.each<[string, object, string[]]>([
    ['`sources.include` takes no rule out of force', { include: ['docs-src/', 'README.md'] }, ['SRC']],
    ['`sources.exclude` does', { exclude: ['src/AGENTS.md'] }, ['ROOT']],
  ])('%s', async (_, sources, expected) => {
    const rules = config({ conventions: ['agents-md'] }, { sources })
    const root = makeWorkspace({ ...NESTED, 'ctxlock.config.json': rules })
    expect((await wordsSent(root, { files: ['src/checksum.ts'] })).words).toEqual(expected)
  })
})

/** Why no session opens on a workspace. */
async function refusal(root: string) {
  return openedSession(root).then(
    () => {
      throw new Error('the session was opened')
    },
    (thrown: unknown) => asCommandError(thrown),
  )
}
