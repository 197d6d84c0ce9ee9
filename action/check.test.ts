// The action's script and the hook's entry, run as GitHub and git run them.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import { expect, onTestFinished, test, vi } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const COMMAND = `"${process.execPath}" "${join(ROOT, 'apps/runner/src/main.ts')}"`

/** A workspace of its own with a lockfile, in a folder of the temporary one. */
function lockedWorkspace(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-action-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'app')
  mkdirSync(root)
  writeFileSync(join(root, 'a.md'), 'one\ntwo\n')
  execFileSync('git', ['init', '-q'], { cwd: folder })
  execFileSync('bash', ['-c', `${COMMAND} lock --workspace app`], { cwd: folder, stdio: 'ignore' })
  commit(folder)
  return folder
}

function commit(cwd: string) {
  execFileSync('git', ['add', '-A'], { cwd })
  return spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '-m', 'x'], { cwd })
}

function runAction(cwd: string, command = COMMAND, version = '0.1.0', folder = 'app') {
  const [summary, output] = ['summary.md', 'output'].map((name) => join(cwd, '..', `${name}-${Date.now()}`))
  const env = {
    ...process.env,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: output,
    CTXLOCK_COMMAND: command,
    CTXLOCK_VERSION: version,
    CTXLOCK_FOLDER: folder,
  }
  const run = spawnSync(process.execPath, [join(ROOT, 'action/check.mjs')], { cwd, env, encoding: 'utf8' })
  const texts = [summary, output].map((path) => {
    const text = readFileSync(path ?? '', 'utf8')
    rmSync(path ?? '')
    return text
  })
  return { code: run.status, log: run.stdout, summary: texts[0] ?? '', output: texts[1] ?? '' }
}

test('the action passes on what is locked, and names each difference with hashes, place and no text', () => {
  const cwd = lockedWorkspace()
  expect(runAction(cwd)).toMatchObject({ code: 0, output: 'status=matches\n' })

  writeFileSync(join(cwd, 'app', 'a.md'), 'one\nTWO-CANARY\n')
  writeFileSync(join(cwd, 'app', '<b>,%0A|`x`.md'), 'new\n')
  const { code, log, summary, output } = runAction(cwd)
  expect(code).toBe(3)
  expect(output).toBe('status=changed\n')
  expect(log).toMatch(/^::error file=app\/a\.md,line=2,title=ctxlock::changed: locked [0-9a-f]{12}, now [0-9a-f]{12}$/m)
  expect(log).toMatch(/^::error file=app\/<b>%2C%250A\|`x`\.md,title=ctxlock::added \(new in the tree\)/m)
  expect(summary).toMatch(/### ctxlock: 2 differences/)
  expect(summary).toMatch(/\| source \| changed \| a\.md \| [0-9a-f]{12} \| [0-9a-f]{12} \|/)
  expect(summary).toContain('| source | added | &#60;b&#62;,&#37;0A&#124;&#96;x&#96;.md | none |')
  expect(summary + log).not.toContain('CANARY')
})

test('the folder is taken as it is named: annotations name files by it, and no lockfile further up stands in for its own', () => {
  const cwd = lockedWorkspace()
  const app = join(cwd, 'app')
  writeFileSync(join(app, 'a.md'), 'one\nchanged\n')
  mkdirSync(join(app, 'lib'))
  for (const folder of ['app', './app/', join(cwd, 'app')])
    expect(runAction(cwd, COMMAND, '', folder).log, folder).toContain('::error file=app/a.md,')
  for (const folder of ['.', './']) expect(runAction(app, COMMAND, '', folder).log).toContain('::error file=a.md,')
  const inside = runAction(app, COMMAND, '', 'lib')
  expect([inside.code, inside.output]).toEqual([2, 'status=failed\n'])
  expect(inside.log).toContain('no ctxlock.lock')
  expect(runAction(cwd, COMMAND, '', 'nowhere')).toMatchObject({
    code: 2,
    log: expect.stringContaining('working-directory expects a folder that exists; got nowhere'),
  })
})

test('npm is started where nothing of the repository can say what it runs', () => {
  const cwd = lockedWorkspace()
  const bin = join(cwd, '.git', 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'npm'),
    `#!/bin/sh\n[ -e .npmrc ] && exit 9\nwhile [ "$1" != ctxlock ]; do shift; done\nshift\nexec ${COMMAND} "$@"\n`,
  )
  chmodSync(join(bin, 'npm'), 0o755)
  vi.stubEnv('PATH', [bin, process.env['PATH']].join(delimiter))
  onTestFinished(() => vi.unstubAllEnvs())

  // A pull request that brings its own registry, or a ctxlock in node_modules, decides about nothing.
  writeFileSync(join(cwd, 'app', '.npmrc'), 'registry=https://example.invalid\n')
  expect(runAction(cwd, '')).toMatchObject({ code: 3, output: 'status=changed\n' })
})

test('whoever ends well without a result, or with a difference, has not passed', () => {
  const cwd = lockedWorkspace()
  expect(runAction(cwd, 'true')).toMatchObject({ code: 1, output: 'status=failed\n' })
  const changed = JSON.stringify({ status: 'changed', sources: [], rules: [], roles: [], tasks: [] })
  expect(runAction(cwd, `echo '${changed}' #`)).toMatchObject({ code: 1, output: 'status=changed\n' })
})

test('a command that does not run, a damaged lockfile and a version that is none fail with a message', () => {
  const cwd = lockedWorkspace()
  expect(runAction(cwd, 'exit 9;')).toMatchObject({ code: 9, output: 'status=failed\n' })
  expect(runAction(cwd, '', '1.0.0; echo x')).toMatchObject({ code: 2, output: 'status=failed\n' })
  writeFileSync(join(cwd, 'app', 'ctxlock.lock'), '{')
  const damaged = runAction(cwd)
  expect(damaged.code).toBe(3)
  expect(damaged.log).toMatch(/::error title=ctxlock::ctxlock\.lock line 2: expected the schema_version/)
})

test('the hook lets a commit through only when the lockfile says what is there', () => {
  const cwd = lockedWorkspace()
  const bin = join(cwd, '.git', 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'ctxlock'), `#!/bin/sh\nexec ${COMMAND} "$@"\n`)
  chmodSync(join(bin, 'ctxlock'), 0o755)
  const [, entry = ''] = /^ {2}entry: (.+)$/m.exec(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')) ?? []
  const path = [bin, process.env['PATH']].join(delimiter)
  writeFileSync(join(cwd, '.git/hooks/pre-commit'), `#!/bin/sh\ncd app && PATH='${path}' exec ${entry}\n`)
  chmodSync(join(cwd, '.git/hooks/pre-commit'), 0o755)

  writeFileSync(join(cwd, 'app', 'a.md'), 'one\nthree\n')
  const refused = commit(cwd)
  expect(refused.status).not.toBe(0)
  expect(Buffer.concat([refused.stdout, refused.stderr]).toString('utf8')).toContain(
    '@@ -2 +2 @@\n           -two\n           +three',
  )
  execFileSync('bash', ['-c', `${COMMAND} lock --workspace app`], { cwd, stdio: 'ignore' })
  expect(commit(cwd).status).toBe(0)
})
