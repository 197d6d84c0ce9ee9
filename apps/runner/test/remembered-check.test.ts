import { chmodSync, cpSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { formatLockfile, parseLockfile } from '@ctxlock/context-pack'
import { canonicalHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { asCommandError } from '../src/failure/failure.ts'
import { checkMemoryIn, memoryFolder, type CheckMemory } from '../src/remembered/check-memory.ts'
import { checkAndRemember } from '../src/remembered/observed-check.ts'
import { quickCommand } from '../src/remembered/quick-command.ts'
import { rememberedAnswer } from '../src/remembered/remembered-answer.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE, temporaryFolder, writeFiles } from './support/workspace.ts'

afterEach(() => vi.restoreAllMocks())

const EXAMPLE_PLUGIN = new URL('../../../examples/extractor-example/src/index.ts', import.meta.url).href
const CONFIG = {
  schema_version: 'ctxlock.config@1',
  sources: { exclude: ['private/'] },
  rules: { files: ['AGENTS.md', 'rules/local.md'] },
}
const FILES = {
  ...SMALL_WORKSPACE,
  '.gitignore': 'rules/\n*.log\n',
  'AGENTS.md': '# Rules\n\n- Checksums MUST be computed over raw bytes.\n',
  'rules/local.md': '# Local rules\n\n- Depots MUST have a name.\n',
  'private/note.txt': 'not for a model\n',
  'run.sh': '#!/bin/sh\necho parcel\n',
}

/** A locked workspace and the memory of a check that found nothing changed. */
async function remembered(config: object = CONFIG, files: Readonly<Record<string, string>> = {}) {
  const root = makeWorkspace({ ...FILES, ...files, 'ctxlock.config.json': JSON.stringify(config) })
  symlinkSync('src/depot.ts', join(root, 'link.ts'))
  expect(await ctxlockHere(['lock'], root)).toMatchObject({ code: 0 })
  const folder = temporaryFolder()
  const memory = checkMemoryIn(folder, 'a program')
  await checkAndRemember(root, memory, () => {})
  return { root, folder, memory }
}

/** What the check itself says: counts when nothing differs, otherwise why not. */
async function saidByCheck(root: string): Promise<object> {
  try {
    const { counts, isUnchanged, check } = await checkAndRemember(root, undefined, () => {})
    return isUnchanged ? counts : check
  } catch (error) {
    return asCommandError(error)
  }
}

const edit = (path: string, change: (text: string) => string) => (root: string) => {
  writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')))
}
const relock = (change: (lockfile: ReturnType<typeof parseLockfile>) => object) =>
  edit('ctxlock.lock', (text) => {
    const { lock_hash: _, ...lockfile } = parseLockfile(text)
    const content = { ...lockfile, ...change({ ...lockfile, lock_hash: '' }) }
    return formatLockfile({ ...content, lock_hash: canonicalHash(content) })
  })
const OTHER_HASH = 'ab'.repeat(32)

/** What people, tools and attackers do to a workspace. */
const MUTATIONS: Readonly<Record<string, (root: string) => void>> = {
  'a source is edited': edit('src/depot.ts', (text) => `${text}// more\n`),
  'a source gets other line endings': edit('README.md', (text) => text.replaceAll('\n', '\r\n')),
  'a source is gone': (root) => rmSync(join(root, 'src/depot.ts'), { force: true }),
  'a source is new': (root) => writeFiles(root, { 'src/new.ts': 'export {}\n' }),
  'a source moves': (root) => renameSync(join(root, 'run.sh'), join(root, 'start.sh')),
  'a mode changes': (root) => chmodSync(join(root, 'run.sh'), 0o755),
  'a link leads elsewhere': (root) => {
    rmSync(join(root, 'link.ts'))
    symlinkSync('src/checksum.ts', join(root, 'link.ts'))
  },
  'a link becomes a file of the same text': (root) => {
    const text = readFileSync(join(root, 'link.ts'))
    rmSync(join(root, 'link.ts'))
    writeFileSync(join(root, 'link.ts'), text)
  },
  'a link is broken': (root) => {
    rmSync(join(root, 'link.ts'))
    symlinkSync('nowhere', join(root, 'link.ts'))
  },
  'a rule file among the sources is edited': edit('AGENTS.md', (text) => text.replace('MUST', 'NEVER')),
  'a rule file that is no source is edited': edit('rules/local.md', (text) => text.replace('name', 'number')),
  'a rule file that is no source is gone': (root) => rmSync(join(root, 'rules/local.md'), { force: true }),
  'an ignored file is edited': (root) => writeFiles(root, { 'build.log': String(Math.random()) }),
  'an excluded file is edited': edit('private/note.txt', (text) => `${text}more\n`),
  'an ignore file is edited': edit('.gitignore', (text) => `${text}*.md\n`),
  'a deeper ignore file appears': (root) => writeFiles(root, { 'src/.gitignore': 'depot.ts\n' }),
  'file times change': (root) => utimesSync(join(root, 'README.md'), 1, 1),
  'the config is written otherwise': edit('ctxlock.config.json', (text) => `${text}\n`),
  'the config allows more': edit('ctxlock.config.json', (text) => text.replace('"private/"', '')),
  'the config is gone': (root) => rmSync(join(root, 'ctxlock.config.json'), { force: true }),
  'the config is broken': edit('ctxlock.config.json', (text) => text.slice(1)),
  'a line of the lockfile is gone': edit('ctxlock.lock', (text) => text.replace(/^.*README\.md.*\n/m, '')),
  'the lockfile is conflicted': edit('ctxlock.lock', (text) => `<<<<<<< ours\n${text}`),
  'the lockfile is gone': (root) => rmSync(join(root, 'ctxlock.lock'), { force: true }),
  'the lockfile states another role pack': relock(({ roles }) => ({
    roles: roles.map((role) => ({ ...role, pack: OTHER_HASH })),
  })),
  'the lockfile states another builder': relock(({ builder }) => ({
    builder: { ...builder, config_hash: OTHER_HASH },
  })),
  'the lockfile states no rules': relock(() => ({ rules: [] })),
}
const CONFIGS = [CONFIG, { ...CONFIG, sources: { exclude: ['private/', 'ctxlock.config.json', 'AGENTS.md'] } }]

describe('the remembered answer', () => {
  test('is never given where the check itself would say anything else', { timeout: 60_000 }, async () => {
    const start = await Promise.all(CONFIGS.map((config) => remembered(config)))
    const saved = start.map(({ root }) => {
      const copy = temporaryFolder()
      cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
      return copy
    })
    const names = fc.uniqueArray(fc.constantFrom(...Object.keys(MUTATIONS)), { minLength: 1, maxLength: 3 })
    const seen = { given: 0, withheld: 0 }
    await fc.assert(
      fc.asyncProperty(names, fc.nat(CONFIGS.length - 1), async (mutations, which) => {
        const { root, memory } = start[which] ?? expect.unreachable()
        rmSync(root, { recursive: true })
        cpSync(saved[which] ?? '', root, { recursive: true, verbatimSymlinks: true })
        for (const name of mutations) attempt(() => MUTATIONS[name]?.(root))
        const answer = await rememberedAnswer(root, memory)
        seen[answer ? 'given' : 'withheld'] += 1
        if (answer) expect(await saidByCheck(root)).toEqual(answer.counts)
      }),
      { numRuns: 200, seed: 11, examples: Object.keys(MUTATIONS).map((name): [string[], number] => [[name], 1]) },
    )
    expect(seen.given).toBeGreaterThan(5)
    expect(seen.withheld).toBeGreaterThan(100)
  })

  test.each(['file times change', 'an ignored file is edited', 'an excluded file is edited'])(
    'stands when %s',
    async (name) => {
      const { root, memory } = await remembered()
      MUTATIONS[name]?.(root)
      expect((await rememberedAnswer(root, memory))?.counts).toEqual({ sources: 9, rules: 6, tasks: 0 })
    },
  )

  test('stands again when a change is taken back', async () => {
    const { root, memory } = await remembered()
    const text = readFileSync(join(root, 'AGENTS.md'))
    MUTATIONS['a rule file among the sources is edited']?.(root)
    expect(await rememberedAnswer(root, memory)).toBeUndefined()
    writeFileSync(join(root, 'AGENTS.md'), text)
    expect(await rememberedAnswer(root, memory)).toBeDefined()
  })

  test('is printed as the command prints it', async () => {
    const { root, memory } = await remembered()
    vi.spyOn(process, 'cwd').mockReturnValue(root)
    for (const options of [[], ['--json']]) {
      let printed = ''
      const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
        printed += String(chunk)
        return true
      })
      const code = await quickCommand(['check', ...options], () => memory)
      write.mockRestore()
      expect({ code, stdout: printed, stderr: '' }).toEqual(await ctxlockHere(['check', ...options], root))
    }
    expect(await quickCommand(['check', '--lines', '3'], () => memory)).toBeUndefined()
    // Whether a waiver still holds depends on the day.
    writeFileSync(join(root, 'ctxlock.waivers.json'), '{"schema_version":"ctxlock.waivers@1","waivers":[]}')
    expect(await quickCommand(['check'], () => memory)).toBeUndefined()
  })
})

describe('what is not remembered', () => {
  test.each([
    ['plugins', { ...CONFIG, plugins: ['./plugin.ts'] }],
    ['a second listing', { ...CONFIG, sources: { include: ['src/', '*.md'] }, rules: { conventions: ['agents-md'] } }],
  ])('a check that rests on %s', async (_, config) => {
    const { root, memory } = await remembered(config, {
      'plugin.ts': `export { iniPlugin } from '${EXAMPLE_PLUGIN}'\n`,
    })
    expect(memory.recall(root)).toBeUndefined()
  })

  test('a check of task files', async () => {
    const task = { schema_version: 'ctxlock.task@1', goal: 'Name the checksum', scope: ['src/'], done: ['It is named'] }
    const { root, memory } = await remembered(
      { ...CONFIG, tasks: ['task.json'] },
      { 'task.json': JSON.stringify(task) },
    )
    expect(memory.recall(root)).toBeUndefined()
    expect(await saidByCheck(root)).toMatchObject({ tasks: 1 })
  })

  test('one during which the config changed', async () => {
    const { root, memory } = await remembered()
    const changing: CheckMemory = { ...memory, remember: () => expect.unreachable() }
    await checkAndRemember(root, changing, () => edit('ctxlock.config.json', (text) => ` ${text}`)(root))
  })
})

describe('the memory', () => {
  test('is of one program and one workspace', async () => {
    const { root, folder, memory } = await remembered()
    const copy = temporaryFolder()
    cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
    expect(await rememberedAnswer(copy, memory)).toBeUndefined()
    expect(await rememberedAnswer(root, checkMemoryIn(folder, 'another program'))).toBeUndefined()
    expect(await rememberedAnswer(root, memory)).toBeDefined()
  })

  test.skipIf(process.platform === 'win32')('is not taken from a file that others can write', async () => {
    const { root, folder, memory } = await remembered()
    for (const { path } of readTree(folder)) chmodSync(path, 0o622)
    expect(memory.recall(root)).toBeUndefined()
  })

  test('is no answer when it is damaged', async () => {
    const { root, folder, memory } = await remembered()
    const [file] = readTree(folder)
    const text = readFileSync(file?.path ?? '', 'utf8')
    for (const damaged of ['', '{}', 'null', '[]', text.slice(0, -20), text.replace('"counts"', '"count"')]) {
      writeFileSync(file?.path ?? '', damaged)
      expect(await rememberedAnswer(root, memory)).toBeUndefined()
    }
  })

  test('never lies in the workspace', () => {
    const root = temporaryFolder()
    expect(memoryFolder(root, { XDG_CACHE_HOME: join(root, '.cache') })).toBeUndefined()
    expect(memoryFolder(join(root, 'a'), { XDG_CACHE_HOME: root })).toBe(join(root, 'ctxlock', 'checks'))
  })

  test('that cannot be written is no failure', async () => {
    const { root, folder } = await remembered()
    writeFileSync(join(folder, 'file'), '')
    const memory = checkMemoryIn(join(folder, 'file', 'below'), 'a program')
    expect(await checkAndRemember(root, memory, () => {})).toMatchObject({ isUnchanged: true })
    expect(memory.recall(root)).toBeUndefined()
  })
})

/** A file that is gone by an earlier mutation cannot be changed by the next. */
function attempt(mutate: () => void): void {
  try {
    mutate()
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}
