// Runs one of the repository's commands under the pinned toolchain: Node 24 and pnpm, both from the npm registry.
// The host needs git, npm and Node 20 or newer; nothing is installed outside this folder and npm's own cache.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const nodeModules = join(root, 'node_modules')
const nodeDirectory = join(nodeModules, 'node', 'bin')
const binaries = join(nodeModules, '.bin')
const [command, ...args] = process.argv.slice(2)

const commands = {
  ctxlock: () => node(join(root, 'apps/runner/src/main.ts'), ...args),
  test: () => run('vitest', 'run', ...args),
  typecheck: () => turbo('typecheck', ...args),
  lint: () => run('oxlint', '--type-aware', ...args) || run('oxfmt', '--check', '.') || run('knip'),
  fix: () => run('oxlint', '--fix', ...args) || run('oxfmt', '.'),
  build: () => turbo('build', ...args),
  bench: () => node('--expose-gc', join(root, 'bench/src/main.ts'), ...args),
  measure: () => node(join(root, 'bench/src/measure.ts'), ...args),
  mutation: () => node(join(root, 'bench/mutation/main.mjs'), ...args),
  'check:pack': () => commands.build() || node(join(root, 'scripts/check-pack.mjs')),
  schemas: () => node(join(root, 'packages/contracts/scripts/write-json-schemas.ts')),
}

if (!Object.hasOwn(commands, command ?? '')) {
  console.error(`Expected one of ${Object.keys(commands).join(', ')}; got ${command ?? 'nothing'}.`)
  process.exit(2)
}
installWhenNeeded()
process.exitCode = commands[command]()

/** Installs from the lockfile when it, or a manifest, differs from what was installed last. */
function installWhenNeeded() {
  const stamp = join(nodeModules, '.ctxlock-installed')
  const wanted = installFingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(nodeDirectory)) return
  console.error('Installing the toolchain (once per change of the lockfile) …')
  const install = pnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn')
  // Everything an installer prints goes to stderr: stdout belongs to the command.
  const result = spawnSync('npm', install, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (result.status !== 0) {
    console.error(
      'The install failed; its own messages are above. Nothing was run. Try again when the npm registry can be reached.',
    )
    process.exit(1)
  }
  mkdirSync(nodeModules, { recursive: true })
  writeFileSync(stamp, wanted)
}

/** turbo asks for the package manager on PATH; npm brings the pinned one. */
function turbo(task, ...turboArgs) {
  return run('npm', ...pnpm('exec', 'turbo', 'run', task, '--continue', '--output-logs=errors-only', ...turboArgs))
}

function pnpm(...pnpmArgs) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', ...pnpmArgs]
}

function installFingerprint() {
  const hash = createHash('sha256').update(process.platform + process.arch)
  const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'bench/package.json']
  for (const group of ['packages', 'apps', 'examples']) {
    for (const name of readdirSync(join(root, group)).sort()) manifests.push(`${group}/${name}/package.json`)
  }
  for (const manifest of manifests) {
    const path = join(root, manifest)
    hash.update(`\0${manifest}\0`).update(existsSync(path) ? readFileSync(path) : '')
  }
  return hash.digest('hex')
}

function node(...nodeArgs) {
  return run('node', ...nodeArgs)
}

/** Runs a binary of the workspace with Node 24 first on PATH, in the folder the person called npm from. */
function run(name, ...binaryArgs) {
  const inCallersFolder = name === 'node' && command === 'ctxlock'
  const result = spawnSync(name, binaryArgs, {
    cwd: inCallersFolder ? (process.env.INIT_CWD ?? process.cwd()) : root,
    env: {
      ...process.env,
      PATH: [nodeDirectory, binaries, process.env.PATH].join(delimiter),
      TURBO_TELEMETRY_DISABLED: '1',
    },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  return result.status ?? 1
}
