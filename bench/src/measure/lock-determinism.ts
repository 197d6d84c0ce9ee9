// How many different lockfiles one tree gives: over two Node majors, locales, time zones, kinds of copy, file times and
// paths. One is right; otherwise the factors under which lockfiles differ are named.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { bytesHash } from '../../../packages/core-hash/src/index.ts'
import { writeFiles } from '../write-files.ts'

interface Factors {
  readonly node: string
  readonly locale: string
  readonly zone: string
  readonly copy: string
}

interface Lock extends Factors {
  readonly hash: string
}

const MAIN = fileURLToPath(new URL('../../../apps/runner/src/main.ts', import.meta.url))
const OTHER_NODE = fileURLToPath(new URL('../../node_modules/node26/bin/node', import.meta.url))
/** Locale and time zone change together: both come from the environment, and no two pairs share either. */
const ENVIRONMENTS = [
  { locale: 'C', zone: 'UTC' },
  { locale: 'tr_TR.UTF-8', zone: 'Pacific/Kiritimati' },
  { locale: 'ja_JP.UTF-8', zone: 'America/St_Johns' },
]

/** `--workspace DIR` is cloned, never written to; without it a small tree with names and text of many scripts is made. */
export async function measure(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({ args: [...args], options: { workspace: { type: 'string' } } })
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-determinism-'))
  try {
    const origin = values.workspace ?? makeWorkspace(join(folder, 'made'))
    const locks = lockEverywhere(origin, folder)
    const hashes = new Set(locks.map(({ hash }) => hash))
    return {
      nodes: [...new Set(locks.map(({ node }) => node))],
      runs: locks.length,
      distinct: hashes.size,
      hashes: [...hashes],
      differs_by: hashes.size > 1 ? factorsThatMatter(locks) : [],
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function lockEverywhere(origin: string, folder: string): Lock[] {
  const copies = makeCopies(origin, folder)
  return [process.execPath, OTHER_NODE].flatMap((executable) => {
    const node = versionsOf(executable)
    return ENVIRONMENTS.flatMap(({ locale, zone }) =>
      Object.entries(copies).map(([copy, cwd]) => {
        const env = { ...process.env, LANG: locale, LC_ALL: locale, TZ: zone }
        rmSync(join(cwd, 'ctxlock.lock'), { force: true })
        rmSync(join(cwd, '.ctxlock'), { recursive: true, force: true })
        const { status, stderr } = spawnSync(executable, [MAIN, 'lock'], { cwd, env, encoding: 'utf8' })
        if (status !== 0)
          throw new Error(`Expected \`ctxlock lock\` to succeed with ${node}, ${locale}, ${copy}: ${stderr}`)
        return { node, locale, zone, copy, hash: bytesHash(readFileSync(join(cwd, 'ctxlock.lock'))) }
      }),
    )
  })
}

function versionsOf(executable: string): string {
  const script =
    'process.stdout.write(`${process.version}, Unicode ${process.versions.unicode}, ICU ${process.versions.icu}`)'
  return execFileSync(executable, ['-e', script], { encoding: 'utf8' })
}

/** A factor matters when two runs that differ in nothing else gave different lockfiles. */
function factorsThatMatter(locks: readonly Lock[]): string[] {
  const factors = ['node', 'locale', 'copy'] as const
  return factors.filter((factor) =>
    locks.some((one) =>
      locks.some(
        (other) => one.hash !== other.hash && factors.every((same) => same === factor || one[same] === other[same]),
      ),
    ),
  )
}

/** Folders with the same tree, each had in another way. */
function makeCopies(origin: string, folder: string): Record<string, string> {
  const url = `file://${git(origin, 'rev-parse', '--show-toplevel').trim()}`
  const clone = (...parts: readonly string[]) => {
    const target = join(folder, ...parts)
    mkdirSync(dirname(target), { recursive: true })
    return target
  }
  const copies = {
    'full clone': clone('full'),
    'shallow clone': clone('shallow'),
    'no .git': clone('bare copy'),
    'shuffled times, another path': clone('a b', 'Ünï', 'deep', 'er'),
  }
  git('.', 'clone', '-q', url, copies['full clone'])
  git('.', 'clone', '-q', '--depth', '1', url, copies['shallow clone'])
  cpSync(copies['full clone'], copies['no .git'], { recursive: true, verbatimSymlinks: true })
  rmSync(join(copies['no .git'], '.git'), { recursive: true })
  git('.', 'clone', '-q', url, copies['shuffled times, another path'])
  shuffleTimes(copies['shuffled times, another path'])
  return copies
}

function shuffleTimes(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const [index, entry] of entries.entries()) {
    const seconds = 1_000_000_000 + ((index * 7919) % 1009) * 86_400
    utimesSync(join(entry.parentPath, entry.name), seconds, seconds)
  }
}

/** Names and text whose order, case, breaks or normal form a locale or a Unicode version could decide. */
const FILES: Readonly<Record<string, string>> = {
  'İstanbul.md': '# İstanbul ıI\n\nLines MUST be sorted. i İ ı I.\n',
  'ä.ts': 'export function größe(straße: string): number {\n  return straße.length\n}\n',
  'z.ts': 'export const z = 1\n',
  'src/Ünïcode.py': 'def naïve(x):\n    """Computes 計算 of ２."""\n    return x\n',
  'src/日本語.md': '# 見出し\n\n本文。TODO: 直す\n',
  'data/thai.txt': 'ภาษาไทยไม่มีช่องว่าง\r\nอีกบรรทัด\r\n',
  'data/new.txt': 'later scripts: \u{1E900}\u{16D40}\u{105C0}\u{10D4A}\u{11BC0} and unassigned \u{1FC00}\u{2EE5E}\n',
  'data/a.json': '{ "ü": [1, 2], "e\\u0301": 1.5 }\n',
}

function makeWorkspace(folder: string): string {
  writeFiles(folder, Object.entries(FILES))
  git(folder, 'init', '-q', '-b', 'main')
  git(folder, 'add', '-A')
  git(folder, '-c', 'user.name=bench', '-c', 'user.email=bench@example.org', 'commit', '-q', '-m', 'tree')
  return folder
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
