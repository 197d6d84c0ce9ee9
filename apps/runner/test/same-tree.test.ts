// The same tree gives the same lockfile, pack hashes and prompt hash, wherever and however it stands on a disk.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ctxlockJson, type CommandOptions } from './support/ctxlock.ts'
import { SMALL_WORKSPACE, temporaryFolder, writeFiles } from './support/workspace.ts'

const FILES = {
  ...SMALL_WORKSPACE,
  '.gitignore': 'build/\n*.log\n!keep.log\n',
  'keep.log': 'kept on purpose\n',
  'AGENTS.md': '# Rules\n\n- Answers MUST name the file they come from.\n',
  'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', rules: { files: ['AGENTS.md'] } }),
  'src/Ünïcode.ts': 'export const straße = "İstanbul ıI"\n',
  'src/parts/İndex.md': '# İndex\n\nA checksum of a Turkish box.\n',
  'tools/run.py': 'def checksum(box):\n    """Computes the checksum of a box."""\n    return hash(box)\n',
  'data/crlf.txt': 'one\r\ntwo\r\nchecksum of a box\r\n',
}

test('eight ways to have the same tree give one lockfile, the same packs and one prompt', async () => {
  const origin = join(temporaryFolder(), 'origin')
  writeFiles(origin, FILES)
  git(origin, 'init', '-q', '-b', 'main')
  git(origin, 'add', '-A')
  git(origin, '-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '-m', 'first')

  const variants: Record<string, () => CommandOptions> = {
    'full clone': () => ({ cwd: clone(origin) }),
    'shallow clone': () => ({ cwd: clone(origin, '--depth', '1') }),
    'copy without .git': () => ({ cwd: withoutGit(clone(origin)) }),
    'another parent path': () => ({ cwd: clone(origin, '--', join(temporaryFolder(), 'a b', 'Ünï', 'deep', 'er')) }),
    'shuffled mtimes': () => ({ cwd: shuffleTimes(clone(origin)) }),
    'umask 077': () => ({ cwd: clone(origin), umask: '077' }),
    'time zone': () => ({ cwd: clone(origin), env: { TZ: 'Pacific/Kiritimati' } }),
    locale: () => ({ cwd: clone(origin), env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } }),
  }
  const seen = new Map<string, string[]>()
  for (const [name, prepare] of Object.entries(variants)) {
    const options = prepare()
    const lock = await ctxlockJson(['lock'], options)
    expect(lock.code, `${name}: ${lock.stderr}`).toBe(0)
    const ask = await ctxlockJson(['ask', 'How is the checksum of a box computed?'], options)
    expect(ask.code, `${name}: ${ask.stderr}${ask.stdout}`).toBe(0)
    const facts = JSON.stringify({
      lockfile: readFileSync(join(options.cwd, 'ctxlock.lock'), 'utf8'),
      rolePack: ask.value.at('summary', 'role_pack_hash').text,
      workUnitPack: ask.value.at('summary', 'work_unit_pack_hash').text,
      prompt: ask.value.at('full_prompt_hash').text,
    })
    seen.set(facts, [...(seen.get(facts) ?? []), name])
  }
  expect([...seen.values()]).toEqual([Object.keys(variants)])
})

test('asking again without a lock first, and with packs already built, sends the same prompt', async () => {
  const cwd = join(temporaryFolder(), 'w')
  writeFiles(cwd, FILES)
  const hashes = new Set<string>()
  for (let round = 0; round < 3; round += 1) {
    const { value } = await ctxlockJson(['ask', 'How is the checksum of a box computed?'], { cwd })
    hashes.add(value.at('full_prompt_hash').text)
  }
  expect(hashes.size).toBe(1)
})

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
}

function clone(origin: string, ...options: readonly string[]): string {
  const target = options.at(-2) === '--' ? (options.at(-1) ?? '') : join(temporaryFolder(), 'clone')
  const flags = options.at(-2) === '--' ? [] : options
  git('.', 'clone', '-q', ...flags, `file://${origin}`, target)
  return target
}

function withoutGit(folder: string): string {
  const copy = join(temporaryFolder(), 'copy')
  cpSync(folder, copy, { recursive: true })
  rmSync(join(copy, '.git'), { recursive: true })
  return copy
}

function shuffleTimes(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  entries.forEach((entry, index) => {
    const seconds = 1_000_000_000 + ((index * 7919) % 1009) * 86_400
    utimesSync(join(entry.parentPath, entry.name), seconds, seconds)
  })
  return folder
}
