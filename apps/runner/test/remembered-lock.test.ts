import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { formatLockfile, parseLockfile } from '@ctxlock/context-pack'
import { bytesHash, canonicalHash } from '@ctxlock/core-hash'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { lock } from '../src/commands/lock.ts'
import { readLockfile } from '../src/lock/lockfile-file.ts'
import { surveySources, type SourceSurvey } from '../src/lock/source-survey.ts'
import { createOutput } from '../src/output/output.ts'
import { checkMemoryIn, type CheckMemory } from '../src/remembered/check-memory.ts'
import { observe } from '../src/remembered/observation.ts'
import { checkAndRemember } from '../src/remembered/observed-check.ts'
import { quickCommand } from '../src/remembered/quick-command.ts'
import { rememberLock } from '../src/remembered/remember-lock.ts'
import { openSession } from '../src/session/session.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE, temporaryFolder, writeFiles } from './support/workspace.ts'

afterEach(() => vi.restoreAllMocks())

const CONFIG = { schema_version: 'ctxlock.config@1', rules: { files: ['AGENTS.md', 'rules/local.md'] } }
const FILES = {
  ...SMALL_WORKSPACE,
  '.gitignore': 'rules/\n',
  'AGENTS.md': '# Rules\n\n- Checksums MUST be computed over raw bytes.\n',
  'rules/local.md': '# Local rules\n\n- Depots MUST have a name.\n',
}

interface Locked {
  readonly root: string
  readonly memory: CheckMemory
  /** Where the memory lies. */
  readonly folder: string
}

/** A workspace that was locked with a memory. */
async function locked(config: object = CONFIG, files: Readonly<Record<string, string>> = {}): Promise<Locked> {
  const root = makeWorkspace({ ...FILES, ...files, 'ctxlock.config.json': JSON.stringify(config) })
  const folder = temporaryFolder()
  const memory = checkMemoryIn(folder, 'a program')
  expect(await printedBy(() => lockHere({ root, memory }))).toMatchObject({ code: 0 })
  return { root, memory, folder }
}

function lockHere({ root, memory }: Pick<Locked, 'root' | 'memory'>, task: readonly string[] = []): Promise<number> {
  vi.spyOn(process, 'cwd').mockReturnValue(root)
  return lock([], { options: { task }, workspace: undefined, output: createOutput(false) }, () => memory)
}

function quickLock(
  { root, memory }: Pick<Locked, 'root' | 'memory'>,
  ...options: readonly string[]
): Promise<number | undefined> {
  vi.spyOn(process, 'cwd').mockReturnValue(root)
  return quickCommand(['lock', ...options], () => memory)
}

async function printedBy(command: () => Promise<number | undefined>) {
  let stdout = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += String(chunk)
    return true
  })
  const code = await command()
  write.mockRestore()
  return { code, stdout, stderr: '' }
}

const edit = (path: string, change: (text: string) => string) => (root: string) =>
  writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')))
const sql = (statement: string) => (root: string) => {
  const database = new DatabaseSync(join(root, '.ctxlock/state.db'))
  database.exec(statement)
  database.close()
}
const aPayload = `(SELECT payload_hash FROM context_pack WHERE source_id = 'file:README.md')`

/** After each of these a lock has something to write, or somebody to tell. */
const CHANGES: Readonly<Record<string, (root: string) => void>> = {
  'a source is edited': edit('src/depot.ts', (text) => `${text}// more\n`),
  'a source is new': (root) => writeFiles(root, { 'src/new.ts': 'export {}\n' }),
  'a rule file that is no source is edited': edit('rules/local.md', (text) => text.replace('name', 'number')),
  'the config is written otherwise': edit('ctxlock.config.json', (text) => `${text}\n`),
  'the lockfile is gone': (root) => rmSync(join(root, 'ctxlock.lock')),
  'the lockfile is a link': (root) => {
    renameSync(join(root, 'ctxlock.lock'), join(root, '.ctxlock/elsewhere'))
    symlinkSync('.ctxlock/elsewhere', join(root, 'ctxlock.lock'))
  },
  'the state is gone': (root) => rmSync(join(root, '.ctxlock'), { recursive: true }),
  'the state is damaged': (root) => writeFileSync(join(root, '.ctxlock/state.db'), 'not a database, but long enough'),
  'a pack is gone': sql(`DELETE FROM context_pack WHERE source_id = 'file:README.md'`),
  'a payload is gone': sql(`DELETE FROM artifact_object WHERE content_hash = ${aPayload}`),
  'a count was edited': sql('UPDATE context_pack SET tokens = tokens + 1'),
  'a pack is another one': sql(`UPDATE context_pack SET payload_hash = ${aPayload}`),
}

describe('a lock of what is locked already', () => {
  test('says the same and writes nothing', async () => {
    const workspace = await locked()
    const state = readFileSync(join(workspace.root, '.ctxlock/state.db'))
    const lockfile = readFileSync(join(workspace.root, 'ctxlock.lock'))
    const answers = [await printedBy(() => quickLock(workspace)), await printedBy(() => quickLock(workspace, '--json'))]
    expect(readFileSync(join(workspace.root, '.ctxlock/state.db'))).toEqual(state)
    expect(answers).toEqual([
      await ctxlockHere(['lock'], workspace.root),
      await ctxlockHere(['lock', '--json'], workspace.root),
    ])
    expect(readFileSync(join(workspace.root, 'ctxlock.lock'))).toEqual(lockfile)
  })

  test('is a check that found nothing changed', async () => {
    const { root, memory } = await locked()
    const quick = await printedBy(() => quickCommand(['check'], () => memory))
    expect(quick).toEqual(await ctxlockHere(['check'], root))
  })

  test.each(Object.keys(CHANGES))('is made anew when %s', async (name) => {
    const workspace = await locked()
    CHANGES[name]?.(workspace.root)
    expect(await quickLock(workspace)).toBeUndefined()
  })

  test.each([['--task', 'task.json'], ['--watch'], ['--workspace', '.']])(
    'is made anew with %s',
    async (...options) => {
      expect(await quickLock(await locked(), ...options)).toBeUndefined()
    },
  )

  test('is made anew for a lockfile that a check was content with', async () => {
    const workspace = await locked()
    // A check builds no packs, so it cannot tell that this lockfile states a pack that nobody would build.
    edit('ctxlock.lock', (text) => {
      const { lock_hash: _, ...lockfile } = parseLockfile(text)
      const sources = lockfile.sources.map((source) =>
        'pack' in source ? { ...source, pack: 'ab'.repeat(32) } : source,
      )
      return formatLockfile({ ...lockfile, sources, lock_hash: canonicalHash({ ...lockfile, sources }) })
    })(workspace.root)
    expect(await checkAndRemember(workspace.root, workspace.memory, () => {})).toMatchObject({ isUnchanged: true })
    expect(workspace.memory.recall(workspace.root)).toBeDefined()
    expect(await quickLock(workspace)).toBeUndefined()
  })

  test('is made anew when what is remembered of it is damaged, and a check is not', async () => {
    const workspace = await locked()
    const [file] = readTree(workspace.folder)
    const text = file?.bytes.toString('utf8') ?? ''
    expect(text).toContain('"tokens":')
    for (const damaged of [text.replace('"tokens":', '"token":'), text.replace('"packs":"', '"packs":["')]) {
      writeFileSync(file?.path ?? '', damaged)
      expect(await quickLock(workspace)).toBeUndefined()
    }
    writeFileSync(file?.path ?? '', text.replace('"tokens":', '"token":'))
    expect(await printedBy(() => quickCommand(['check'], () => workspace.memory))).toMatchObject({ code: 0 })
  })

  test('is made anew elsewhere', async () => {
    const { root, memory } = await locked()
    const copy = temporaryFolder()
    cpSync(root, copy, { recursive: true })
    expect(await quickLock({ root: copy, memory })).toBeUndefined()
  })
})

describe('a lock that is not remembered', () => {
  test('states tasks, or no longer states one', async () => {
    const task = { schema_version: 'ctxlock.task@1', goal: 'Name the checksum', scope: ['src/'], done: ['It is named'] }
    const workspace = await locked({ ...CONFIG, tasks: ['task.json'] }, { 'task.json': JSON.stringify(task) })
    expect(workspace.memory.recall(workspace.root)).toBeUndefined()
    writeFiles(workspace.root, { 'ctxlock.config.json': JSON.stringify(CONFIG) })
    await printedBy(() => lockHere(workspace))
    expect(workspace.memory.recall(workspace.root)).toBeUndefined()
  })

  test('holds a source that changed before it was packed', async () => {
    const { root, memory } = await locked()
    const session = await openSession({ root, variables: process.env })
    const surveyed = await surveySources(root, session.config)
    const lockfile = readLockfile(root)
    const { report } = memory.recall(root)?.lock ?? expect.unreachable()
    const fileHash = bytesHash(readFileSync(join(root, 'ctxlock.lock')))
    const remember = vi.fn<CheckMemory['remember']>()
    const rememberedWith = (sources: SourceSurvey['sources']) => {
      const observed = observe(root, { ...memory, remember })
      rememberLock(observed, { session, surveyed: { ...surveyed, sources }, lockfile, fileHash, report })
      return remember.mock.calls.length
    }
    expect(rememberedWith(surveyed.sources.map((source) => ({ ...source, hash: 'ab'.repeat(32) })))).toBe(0)
    expect(rememberedWith(surveyed.sources.slice(1))).toBe(0)
    expect(rememberedWith(surveyed.sources)).toBe(1)
    await session.close()
  })
})
