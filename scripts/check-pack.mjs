// Checks what would be published, as a stranger gets it: packs every publishable package, looks into each tarball, lints it
// with publint and attw, installs all of them into an empty project, imports every entry and locks and checks a folder there.
// Needs a build first.
// Prints one line per package; exits with 1 when any of them fails. Arguments: folders to check, all when there are none.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { packedCommandProblems } from './packed-command.mjs'
import { packedConsoleProblems } from './packed-console.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']
const SOURCE_OR_TEST = /^(?:src|test|scripts)\/|\.test\.|__fixtures__|\.tsbuildinfo$|tsconfig|\.map$/
const isWindows = process.platform === 'win32'

const temporary = mkdtempSync(join(tmpdir(), 'ctxlock-pack-'))
try {
  const packages = publishable(process.argv.slice(2))
  for (const one of packages) pack(one)
  for (const one of packages) if (one.tarball) lint(one)
  if (packages.every(({ tarball }) => tarball)) await installAndImport(packages)
  for (const { name, size, files, problems } of packages) {
    const verdict =
      problems.length === 0
        ? `ok      ${name} (${files} files, ${size} bytes)`
        : `FAILED  ${name}: ${problems.join('; ')}`
    console.log(verdict)
  }
  process.exitCode = packages.some(({ problems }) => problems.length > 0) ? 1 : 0
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

function publishable(wanted) {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  )
  return folders
    .filter((folder) => wanted.length === 0 || wanted.includes(folder))
    .map((folder) => ({ folder, manifest: readJson(join(root, folder, 'package.json')), problems: [] }))
    .filter(({ manifest }) => manifest.private !== true)
    .map((one) => ({ ...one, name: one.manifest.name }))
}

/** Packs with pnpm, which applies publishConfig and replaces `workspace:` ranges, and unpacks the result beside it. */
function pack(one) {
  const destination = join(temporary, basename(one.folder))
  mkdirSync(join(destination, 'unpacked'), { recursive: true })
  const { packageManager } = readJson(join(root, 'package.json'))
  const command = [
    'exec',
    '--yes',
    '--prefer-offline',
    `--package=${packageManager}`,
    '--',
    'pnpm',
    'pack',
    '--pack-destination',
    destination,
  ]
  const packed = run('npm', command, join(root, one.folder))
  const tarball = readdirSync(destination).find((name) => name.endsWith('.tgz'))
  if (!packed.ok || !tarball) return void one.problems.push(`pnpm pack failed: ${packed.text}`)
  one.tarball = join(destination, tarball)
  one.size = statSync(one.tarball).size
  const unpacked = run('tar', ['-xzf', tarball, '-C', 'unpacked'], destination)
  if (!unpacked.ok) return void one.problems.push(`the tarball cannot be unpacked: ${unpacked.text}`)
  inspect(one, join(destination, 'unpacked', 'package'))
}

function inspect(one, folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
  one.files = files.length
  const published = readJson(join(folder, 'package.json'))
  one.exports = Object.keys(published.exports ?? {})
  one.bins = Object.keys(published.bin ?? {})
  const allowed = ['package.json', ...(one.manifest.files ?? [])]
  const demand = (holds, problem) => holds || one.problems.push(problem)

  const strangers = files.filter(
    (file) => SOURCE_OR_TEST.test(file) || !allowed.some((entry) => file === entry || file.startsWith(`${entry}/`)),
  )
  demand(strangers.length === 0, `it holds ${strangers.slice(0, 5).join(', ')}, which nobody asked for`)
  for (const file of ['README.md', 'LICENSE']) demand(files.includes(file), `${file} is missing`)
  const scripts = INSTALL_SCRIPTS.filter((name) => published.scripts?.[name] !== undefined)
  demand(scripts.length === 0, `it runs ${scripts.join(', ')} when it is installed`)
  const ranges = Object.entries(published.dependencies ?? {}).filter(([, range]) =>
    /^(?:workspace|file|link|catalog):/.test(range),
  )
  demand(ranges.length === 0, `it depends on ${ranges.join(', ')}, which exists in this workspace only`)
  for (const target of [...targetsOf(published.exports ?? {}), ...Object.values(published.bin ?? {})]) {
    const [head, tail = ''] = target.replace(/^\.\//, '').split('*')
    const found = target.includes('*')
      ? files.some((file) => file.startsWith(head) && file.endsWith(tail))
      : files.includes(head)
    demand(found, `${target} is exported and not in it`)
  }
}

function targetsOf(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targetsOf)
}

function lint(one) {
  const publint = run('publint', ['run', '--strict', one.tarball], temporary)
  if (!publint.ok) one.problems.push(`publint: ${publint.text}`)
  // Types of the packages are their own; looking for others would need the network.
  const attw = run(
    'attw',
    [one.tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji', '--no-color'],
    temporary,
  )
  if (!attw.ok) one.problems.push(`attw: ${attw.text}`)
}

/** All tarballs at once, because they depend on each other's versions, which no registry has yet. */
async function installAndImport(packages) {
  const project = join(temporary, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const tarballs = packages.map(({ tarball }) => tarball)
  const install = run(
    'npm',
    ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs],
    project,
  )
  if (!install.ok) {
    for (const one of packages) one.problems.push(`npm install of all tarballs failed: ${install.text}`)
    return
  }
  for (const one of packages) {
    for (const entry of one.exports.filter((key) => !key.includes('*'))) {
      const specifier = entry.replace(/^\./, one.name)
      const imported = run(
        process.execPath,
        ['--input-type=module', '--eval', `await import(${JSON.stringify(specifier)})`],
        project,
      )
      if (!imported.ok) one.problems.push(`import ${specifier} failed: ${imported.text}`)
    }
    for (const bin of one.bins) {
      const file = join(project, 'node_modules', '.bin', bin)
      const help = run(file, ['--help'], project)
      if (!help.ok) one.problems.push(`${bin} --help failed: ${help.text}`)
      if (bin !== 'ctxlock') continue
      const folder = join(temporary, 'workspace')
      const problems = packedCommandProblems(folder, (args, env) => run(file, args, folder, env))
      problems.push(...(await packedConsoleProblems(file, folder)))
      one.problems.push(...problems.map((problem) => `${bin} ${problem}`))
    }
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function run(command, args, cwd, env = {}) {
  // On Windows npm and the binaries of packages are command files, which only a shell starts.
  const shell = isWindows && command !== process.execPath && command !== 'tar'
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell,
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  const lines = `${result.error?.message ?? ''}\n${result.stdout ?? ''}\n${result.stderr ?? ''}`.split('\n')
  const errors = lines.filter((line) => /error/i.test(line))
  const text = (errors.length > 0 ? errors.slice(0, 3) : lines).join(' ').replace(/\s+/g, ' ').trim()
  return { ok: result.status === 0, status: result.status, text: text.slice(0, 600) }
}
