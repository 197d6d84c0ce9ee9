// `ctxlock init` and the rules it finds: nothing becomes a rule source that a person did not agree to (CP-043).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { expect, test } from 'vitest'

import { askForOffers } from '../src/init/agreement.ts'
import type { RuleOffer } from '../src/init/rule-offers.ts'
import { Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { atTerminal } from './support/terminal.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const WORKSPACE = {
  ...SMALL_WORKSPACE,
  'AGENTS.md': '- Answers MUST name the root.\n',
  'src/AGENTS.md': '- Answers MUST name src.\n',
  '.cursor/rules/style.mdc': '---\nglobs: *.ts\n---\n- Names MUST be nouns.\n',
  'skills/release/SKILL.md': '---\nname: release\ndescription: Releases.\n---\n- A release MUST have a tag.\n',
}

/** What init writes below `rules`, and what it says. */
async function initialised(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const root = makeWorkspace(files)
  const { code, stdout, stderr } = await ctxlockHere(['init', '--json', ...args], root)
  if (code !== 0) return { code, stderr, root }
  const config = new Json(JSON.parse(readFileSync(join(root, 'ctxlock.config.json'), 'utf8')))
  return { code, root, rules: config.at('rules').raw, said: new Json(JSON.parse(stdout)) }
}

test('without a person or a flag, conventions are named and not written', async () => {
  const { rules, said } = await initialised(WORKSPACE)
  expect(rules).toEqual({ files: ['AGENTS.md'], max_tokens: 300 })
  expect(said?.at('offered').raw).toEqual([
    { name: 'agents-md', files: ['AGENTS.md', 'src/AGENTS.md'], rules: 2 },
    { name: 'cursor-rules', files: ['.cursor/rules/style.mdc'], rules: 1 },
    { name: 'skill:release', files: ['skills/release/SKILL.md'], rules: 1 },
  ])
})

test('a flag takes one convention or all, and the config locks and checks', async () => {
  const one = await initialised(WORKSPACE, '--convention', 'agents-md')
  expect(one.rules).toEqual({ files: [], conventions: ['agents-md'], max_tokens: 300 })
  const all = await initialised(WORKSPACE, '--convention', 'all')
  expect(all.rules).toEqual({
    files: [],
    conventions: ['agents-md', 'cursor-rules'],
    skills: ['release'],
    max_tokens: 300,
  })
  expect(all.said?.at('offered').raw).toEqual([])
  expect((await ctxlockHere(['lock'], all.root)).code).toBe(0)
  expect((await ctxlockHere(['check'], all.root)).code).toBe(0)
  expect(readFileSync(join(all.root, 'ctxlock.lock'), 'utf8')).toContain('skills/release/SKILL.md')
})

test('nothing is chosen that a lock would refuse, or that is left out as vendored', async () => {
  const { rules, said, root } = await initialised(
    {
      ...WORKSPACE,
      'docs/AGENTS.md': '- Answers MUST name docs.\n',
      'vendor/lib/skills/release/SKILL.md': '---\nname: release\ndescription: Others.\n---\n- A tag MUST be signed.\n',
    },
    '--convention',
    'all',
  )
  expect(rules).toMatchObject({ files: ['AGENTS.md'], conventions: ['cursor-rules'], skills: ['release'] })
  expect(said?.at('left_out').raw).toEqual([
    { path: 'agents-md', reason: expect.stringContaining('file:docs/AGENTS.md refers to governance text') },
  ])
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
})

test('what cannot govern is refused by name when it is asked for, and left out otherwise', async () => {
  const broken = { ...WORKSPACE, '.cursor/rules/style.mdc': '---\nalwaysApply: maybe\n---\n- Names MUST be nouns.\n' }
  const named = await initialised(broken, '--convention', 'cursor-rules')
  expect(named).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/style\.mdc needs front matter.*\n.*agents-md/),
  })
  expect((await initialised(broken, '--convention', 'claude-md')).stderr).toMatch(/claude-md.*no file of it is found/)
  expect((await initialised(broken, '--convention', 'all')).said?.at('left_out', 0, 'path').text).toBe('cursor-rules')
  expect((await initialised(broken)).rules).toEqual({ files: ['AGENTS.md'], max_tokens: 300 })
})

test('what calls could not carry is left out with the number', async () => {
  const heavy = Array.from({ length: 80 }, (_, at) => `- Box ${at} MUST be weighed, counted and sealed.\n`).join('')
  const { rules, said } = await initialised({ ...WORKSPACE, 'src/AGENTS.md': heavy }, '--convention', 'all')
  expect(rules).toMatchObject({ files: ['AGENTS.md'], conventions: ['cursor-rules'] })
  expect(said?.at('left_out').raw).toEqual([
    { path: 'agents-md', reason: expect.stringMatching(/^calls would carry \d+ tokens of rules, more than the 600/) },
  ])
})

const OFFERS = ['agents-md', 'claude-md', 'cursor-rules'].map((name): RuleOffer => ({
  name,
  files: [`${name}\u001b[2J`],
  rules: 1,
  adds: {},
}))

/** Answers each question as it is asked, and closes the input after the last answer. */
async function asked(answers: readonly string[]) {
  const input = new PassThrough()
  const output = new PassThrough()
  const left = [...answers]
  let shown = ''
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (!chunk.toString().endsWith('[y/N] ')) return
    const answer = left.shift()
    if (answer === undefined) input.end()
    else input.write(`${answer}\n`)
  })
  const agreed = await askForOffers(OFFERS, input, output)
  return { agreed: agreed.map(({ name }) => name), shown }
}

test('a person is asked about each convention, and only yes is yes', async () => {
  const { agreed, shown } = await asked(['y', '', 'YES '])
  expect(agreed).toEqual(['agents-md', 'cursor-rules'])
  expect(shown).toContain('agents-md: agents-md␛[2J (1 rule). May they bind calls? [y/N] ')
  expect((await asked(['yep', 'n', 'no'])).agreed).toEqual([])
})

test('the end of the input answers no to everything that is left', async () => {
  expect((await asked([])).agreed).toEqual([])
  expect((await asked(['y'])).agreed).toEqual(['agents-md'])
})

test('Ctrl-C at a question writes no config', async () => {
  const root = makeWorkspace(WORKSPACE)
  atTerminal('\u0003')
  expect(await ctxlockHere(['init'], root)).toMatchObject({ code: 130, error: { code: 'INTERRUPTED' } })
  expect(existsSync(join(root, 'ctxlock.config.json'))).toBe(false)
})
