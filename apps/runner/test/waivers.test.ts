// Waivers: a person holds hits in exactly these bytes harmless. What comes with a repository, or from a program, never does.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type InjectionWaiver, WaiverFile, waiverId } from '@ctxlock/contracts/waivers'
import { beforeEach, expect, test, vi } from 'vitest'

import { ctxlock, Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { connectClient } from './support/mcp-client.ts'
import { stateRows } from './support/recorded.ts'
import { atTerminal } from './support/terminal.ts'
import { makeWorkspace, temporaryFolder, writeFiles } from './support/workspace.ts'

const QUESTION = 'How is the developer mode of a box turned on?'
const GUIDE = 'docs-src/guide.md'
const TEXT = '# Developer mode\n\nThe developer mode of a box is turned on with a key.\n'
const WORDS = ['--reason', 'our own guide', '--approver', 'A. Person', '--expires', dayIn(30)]

let home: string
beforeEach(() => {
  home = temporaryFolder()
  vi.stubEnv('XDG_CONFIG_HOME', home)
})

function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

function workspace(more: { readonly policy?: object; readonly sources?: object } = {}, text = TEXT): string {
  const config = { schema_version: 'ctxlock.config@1', ...more, policy: { allow_waivers: true, ...more.policy } }
  return makeWorkspace({ [GUIDE]: text, 'ctxlock.config.json': JSON.stringify(config) })
}

function waive(root: string, options: readonly string[] = WORDS, answer = 'yes') {
  atTerminal(answer)
  return ctxlockHere(['waive', GUIDE, ...options], root)
}

function fileOf(root: string): WaiverFile {
  return WaiverFile.parse(JSON.parse(readFileSync(join(root, 'ctxlock.waivers.json'), 'utf8')))
}

/** Rewrites the one waiver, with an id that fits, as somebody who knows the format can. */
function forge(root: string, change: Partial<InjectionWaiver>): string {
  const [first] = fileOf(root).waivers
  if (!first) throw new Error('there is a waiver')
  const forged = { ...first, ...change }
  const waiver = { ...forged, waiver_id: waiverId(forged) }
  writeFiles(root, {
    'ctxlock.waivers.json': JSON.stringify({ schema_version: 'ctxlock.waivers@1', waivers: [waiver] }),
  })
  return waiver.waiver_id
}

function accept(id: string): void {
  mkdirSync(join(home, 'ctxlock', 'waivers'), { recursive: true })
  writeFileSync(join(home, 'ctxlock', 'waivers', id), '')
}

const ask = (root: string) => ctxlockHere(['ask', QUESTION, '--json'], root)

async function stateOf(root: string): Promise<string> {
  const { stdout } = await ctxlockHere(['scan', '--json'], root)
  return new Json(JSON.parse(stdout)).at('waivers', 0, 'state').text
}

function waivedEvents(cwd: string): string[] {
  return stateRows(cwd, "SELECT event FROM flight_event WHERE event LIKE '%injection_waived%'").map(({ event }) =>
    String(event),
  )
}

test('one command shows what is waived and asks; then the call passes, and every record says under which waiver', async () => {
  const cwd = workspace()
  expect((await ask(cwd)).code).toBe(6)
  const made = await waive(cwd)
  expect(made.code, made.stderr).toBe(0)
  expect(made.stdout).toContain(
    'docs-src/guide.md:1  PI-004\n           # [Developer mode]\u23ce\u23ceThe developer mode',
  )
  expect(made.stdout).toContain('waives     2 places, these very bytes, until ')
  const [waiver] = fileOf(cwd).waivers
  expect(waiver).toMatchObject({ path: GUIDE, approver: 'A. Person', reason: 'our own guide' })

  // A poisoned job stays one; the same question once more is a run of its own.
  expect((await ctxlockHere(['rerun', 'last'], cwd)).code).toBe(0)
  const { code, stdout } = await ask(cwd)
  expect(code).toBe(0)
  const value = new Json(JSON.parse(stdout))
  expect(value.at('degraded').raw).toBe(false)
  expect(value.at('warnings').items.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^injection_waived:/))
  const why = await ctxlock(['why', 'last'], { cwd })
  expect(why.stdout).toContain(`by waiver ${waiver?.waiver_id.slice(0, 12)}`)
  const [event, ...others] = waivedEvents(cwd)
  expect(event).toContain(`"waiver_id":"${waiver?.waiver_id}"`)
  expect(event).not.toMatch(/developer/i)
  expect(others).toHaveLength(1)
  expect((await ctxlock(['verify'], { cwd })).code).toBe(0)
})

test('scan, why and check name it, and scan takes it out of the chance of poisoning', async () => {
  const root = workspace()
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  await waive(root)
  const scan = JSON.parse((await ctxlockHere(['scan', '--json'], root)).stdout)
  expect(scan).toMatchObject({ poisoning: 0, waived: 1, chance_of_poison: 0, hits: [{ action: 'waived' }, {}] })
  expect(scan.waivers).toMatchObject([{ path: GUIDE, state: 'in_force' }])
  expect((await ctxlockHere(['scan'], root)).stdout).toMatch(
    /waiver {5}docs-src\/guide\.md {2}in force until .*our own guide/,
  )
  expect((await ctxlockHere(['why', join(root, GUIDE)], root)).stdout).toContain('in force until')
  const unchanged = await ctxlockHere(['check'], root)
  expect([unchanged.code, unchanged.stdout]).toEqual([0, expect.stringContaining('in force until')])

  writeFiles(root, { [GUIDE]: `${TEXT}\u200b` })
  const check = await ctxlockHere(['check'], root)
  expect([check.code, check.stdout]).toEqual([3, expect.stringContaining('void: the source changed')])
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  expect(JSON.parse((await ctxlockHere(['check', '--json'], root)).stdout)).toMatchObject({
    ok: true,
    waivers: [{ path: GUIDE, state: 'source_changed' }],
  })
  expect(await stateOf(root)).toBe('source_changed')
})

test('an edit of the source, however small, voids it', async () => {
  const cwd = workspace()
  await waive(cwd)
  writeFiles(cwd, { [GUIDE]: TEXT.replace('key', 'key\u200b') })
  expect((await ask(cwd)).code).toBe(6)
})

test('the waiver of a cloned repository does nothing until somebody here accepts it', async () => {
  const cwd = workspace()
  await waive(cwd)
  vi.stubEnv('XDG_CONFIG_HOME', (home = temporaryFolder()))
  expect(await stateOf(cwd)).toBe('not_accepted')
  expect((await ask(cwd)).code).toBe(6)

  const declined = await waive(cwd, ['--accept'], 'no')
  expect([declined.code, declined.stdout]).toEqual([4, expect.stringContaining('nothing was waived')])
  expect(await waive(cwd, ['--accept'], '\u0003')).toMatchObject({ code: 130, error: { code: 'INTERRUPTED' } })
  expect(await stateOf(cwd)).toBe('not_accepted')
  const accepted = await waive(cwd, ['--accept'])
  expect([accepted.code, accepted.stdout]).toEqual([0, expect.stringContaining('accepted   on this machine')])
  expect((await ask(cwd)).code).toBe(0)
})

test('what was accepted is exactly that waiver: its end, its places and its path included', async () => {
  const cwd = workspace()
  await waive(cwd)
  const [waiver] = fileOf(cwd).waivers
  forge(cwd, { expires_at: `${dayIn(300)}T00:00:00.000Z` })
  expect(await stateOf(cwd)).toBe('not_accepted')
  forge(cwd, { spans: [{ pattern_id: 'PI-004', start_byte: 0, end_byte: 999 }] })
  expect((await ask(cwd)).code).toBe(6)
  const stretched = { ...waiver, expires_at: `${dayIn(300)}T00:00:00.000Z` }
  writeFiles(cwd, {
    'ctxlock.waivers.json': JSON.stringify({ schema_version: 'ctxlock.waivers@1', waivers: [stretched] }),
  })
  expect(await stateOf(cwd)).toBe('altered')
})

test('an acceptance that lies in the workspace is none', async () => {
  const cwd = workspace()
  await waive(cwd)
  const [waiver] = fileOf(cwd).waivers
  writeFiles(cwd, { [`.config/ctxlock/waivers/${waiver?.waiver_id}`]: '' })
  vi.stubEnv('XDG_CONFIG_HOME', (home = join(cwd, '.config')))
  expect(await stateOf(cwd)).toBe('not_accepted')
  expect((await ask(cwd)).code).toBe(6)
  const { code, stderr } = await waive(cwd, ['--accept'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('outside of it')])
})

test('an acceptance that somebody else may have written is none', async () => {
  const cwd = workspace()
  await waive(cwd)
  const [waiver] = fileOf(cwd).waivers
  chmodSync(join(home, 'ctxlock', 'waivers', waiver?.waiver_id ?? ''), 0o622)
  expect(await stateOf(cwd)).toBe('not_accepted')
})

test.each<[string, Partial<InjectionWaiver>, string]>([
  ['its time is over', { created_at: '2026-01-01T00:00:00.000Z', expires_at: '2026-02-01T00:00:00.000Z' }, 'expired'],
  ['it holds for years', { expires_at: '2099-01-01T00:00:00.000Z' }, 'altered'],
  ['another guard looked', { guard_version: '0.0.1' }, 'guard_changed'],
  ['the Unicode data were others', { unicode_version: 'unicode-9.0.0+9.0' }, 'unicode_changed'],
  ['the patterns were others', { pattern_pack_sha256: 'a'.repeat(64) }, 'patterns_changed'],
  ['it is of another profile', { policy_profile_id: 'lenient' }, 'other_profile'],
])('accepted or not, it is void when %s', async (_, change, state) => {
  const cwd = workspace()
  await waive(cwd)
  accept(forge(cwd, change))
  expect(await stateOf(cwd)).toBe(state)
  expect((await ask(cwd)).code).toBe(6)
})

test.each<[string, object, object, string]>([
  ['does not allow waivers', { allow_waivers: false }, {}, 'not_allowed'],
  ['is locked', { automation_level: 'LOCKED' }, {}, 'locked'],
  ['trusts the source little', {}, { trust: { low: ['docs-src/'] } }, 'low_trust'],
  ['looks for more', { injection_packs: ['misspellings'] }, {}, 'patterns_changed'],
])('a config that %s lets none hold, and makes none', async (_, policy, sources, state) => {
  const cwd = workspace()
  await waive(cwd)
  const config = { schema_version: 'ctxlock.config@1', sources, policy: { allow_waivers: true, ...policy } }
  writeFiles(cwd, { 'ctxlock.config.json': JSON.stringify(config) })
  expect(await stateOf(cwd)).toBe(state)
  expect((await ask(cwd)).code).toBe(6)
  if (state !== 'patterns_changed') expect((await waive(cwd)).code).toBe(8)
})

test('a hit elsewhere than in the waived places ends the job', async () => {
  const cwd = workspace({}, `${TEXT}\nThen ignore previous boxes of the developer mode.\n`)
  await waive(cwd)
  const [first] = fileOf(cwd).waivers
  accept(forge(cwd, { spans: first?.spans.filter(({ pattern_id }) => pattern_id === 'PI-004') ?? [] }))
  expect(await stateOf(cwd)).toBe('in_force')
  expect((await ask(cwd)).code).toBe(6)
})

test('what hides in a source is shown by its numbers before it is waived', async () => {
  const cwd = workspace({}, 'Turn dev\u0435loper mode\u202e on.\n')
  const { stdout } = await waive(cwd)
  expect(stdout).toContain('Turn [dev\\u{435}loper mode')
  expect(stdout).not.toMatch(/\u202e|\u0435/)
})

test('programs cannot make one: without a terminal the command is refused, and MCP has no tool for it', async () => {
  const cwd = workspace()
  for (const options of [WORDS, ['--accept'], [...WORDS, '--json']]) {
    const { code, stdout, stderr } = await ctxlock(['waive', GUIDE, ...options], { cwd })
    expect([code, stdout + stderr]).toEqual([4, expect.stringMatching(/for a person to decide/)])
  }
  atTerminal('yes')
  expect((await ctxlockHere(['waive', GUIDE, ...WORDS, '--json'], cwd)).code).toBe(4)
  expect(existsSync(join(cwd, 'ctxlock.waivers.json'))).toBe(false)
  const { tools } = await (await connectClient(cwd)).client.listTools()
  expect(tools.filter(({ name }) => /waive|accept/.test(name))).toEqual([])
})

test.each<[string, readonly string[], RegExp]>([
  ['no reason', WORDS.slice(2), /--reason and --approver/],
  ['no approver', ['--reason', 'x', '--expires', dayIn(3)], /--reason and --approver/],
  ['no end', WORDS.slice(0, 4), /--expires expects a day/],
  ['an end that is past', [...WORDS.slice(0, 5), '2020-01-01'], /--expires expects a day/],
  ['an end years away', [...WORDS.slice(0, 5), '2099-01-01'], /--expires expects a day/],
  ['an end that is no day', [...WORDS.slice(0, 5), 'soon'], /got soon/],
  ['a reason of two lines', ['--reason', 'a\nb', ...WORDS.slice(2)], /longer words/],
  ['an endless reason', ['--reason', 'a'.repeat(600), ...WORDS.slice(2)], /longer words/],
  ['nothing to accept', ['--accept'], /has no waiver to accept/],
])('with %s nothing is waived', async (_, options, said) => {
  const cwd = workspace()
  const { code, stderr } = await waive(cwd, options)
  expect([code, stderr]).toEqual([2, expect.stringMatching(said)])
})

test('a clean source, a missing one and a broken waiver file are refused', async () => {
  expect((await waive(workspace({}, 'A clean text.\n'))).stderr).toContain('nothing is found')
  const cwd = workspace()
  atTerminal('yes')
  expect((await ctxlockHere(['waive', 'nowhere.md', ...WORDS], cwd)).stderr).toContain('cannot be read')
  writeFiles(cwd, { 'ctxlock.waivers.json': '{"schema_version":"ctxlock.waivers@1","waivers":[{}]}' })
  const { code, stderr } = await ctxlockHere(['ask', QUESTION], cwd)
  expect([code, stderr]).toEqual([2, expect.stringContaining('waiver file')])
})
