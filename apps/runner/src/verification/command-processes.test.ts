import { spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'

import { expect, onTestFinished, test, vi } from 'vitest'

import { openCommandProcesses } from './command-processes.ts'
import { limited, type CommandRun } from './run-command.ts'

const LIMITS = { timeoutMs: 60_000, memoryBytes: 512 * 1024 * 1024 }
const OPTIONS = { cwd: tmpdir(), environment: { PATH: '/usr/bin:/bin' }, limits: LIMITS }
const never = new AbortController().signal

/** A command as it is wrapped without a sandbox; `name` stands in its command line. */
function shell(script: string, name: string) {
  const [file, ...args] = limited('/bin/sh', ['-c', script, name], LIMITS)
  return { file, args }
}

function opened() {
  const processes = openCommandProcesses()
  onTestFinished(() => processes.close())
  return processes
}

function running(word: string): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line.includes(word))
    .map((line) => Number.parseInt(line))
}

const textOf = ({ stdout }: CommandRun) => Buffer.from(stdout).toString()
const untilGone = (word: string) => vi.waitFor(() => expect(running(word)).toEqual([]), 10_000)

test('commands run beside each other, and each gets its own output and its own end', async () => {
  const processes = opened()
  const names = ['one', 'two', 'three']
  const runs = await Promise.all(
    names.map((name, index) => processes.run(shell(`echo $0; exit ${index}`, name), OPTIONS, never)),
  )
  expect(runs.map(textOf)).toEqual(names.map((name) => `${name}\n`))
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 1, 2])
})

test('a command sees the environment it was given and no other', async () => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-secret-0123456789')
  onTestFinished(() => void vi.unstubAllEnvs())
  const run = await opened().run(shell('cat /proc/$PPID/environ; env', 'environment'), OPTIONS, never)
  expect(textOf(run)).toContain('PATH=/usr/bin:/bin')
  expect(textOf(run)).not.toContain('sk-secret')
})

test('what was cancelled before it began ends as cancelled, and only that', async () => {
  const processes = opened()
  const [cancelled, other] = await Promise.all([
    processes.run(shell('sleep 60', 'cancelled'), OPTIONS, AbortSignal.abort()),
    processes.run(shell('echo whole', 'other'), OPTIONS, never),
  ])
  expect(cancelled).toMatchObject({ exitCode: null, failure: 'cancelled' })
  expect([other.exitCode, textOf(other)]).toEqual([0, 'whole\n'])
})

test('a command whose watcher was killed is ended and shows nothing; the next one is watched again', async () => {
  const processes = opened()
  const word = `ctxlock-test-${process.pid}-unwatched`
  // As a command without a sandbox could.
  const run = processes.run(shell('(sleep 60; true) & echo said; kill -9 $PPID; wait', word), OPTIONS, never)
  expect(await run).toMatchObject({ exitCode: null, outputBytes: 0, isWhole: false })
  await untilGone(word)
  const next = await processes.run(shell('echo again', 'next'), OPTIONS, never)
  expect([next.exitCode, textOf(next)]).toEqual([0, 'again\n'])
})

test.each(['before any ran', 'after one ran'])('nothing begins once they are closed, %s', async (when) => {
  const processes = opened()
  if (when === 'after one ran') await processes.run(shell('true', 'first'), OPTIONS, never)
  await processes.close()
  const run = await processes.run(shell('echo begun', 'late'), OPTIONS, never)
  expect([run.failure, textOf(run)]).toEqual(['not_started', ''])
})

test('where no process can be started the command has not started, and the next one has', async () => {
  const processes = opened()
  const { execPath } = process
  process.execPath = '/nonexistent/node'
  const run = await processes.run(shell('true', 'none'), OPTIONS, never).finally(() => (process.execPath = execPath))
  expect(run).toMatchObject({ exitCode: null, failure: 'not_started' })
  expect((await processes.run(shell('true', 'next'), OPTIONS, never)).exitCode).toBe(0)
})

test('a process that has no descriptor left says that the command has not started', () => {
  const program = `
    import { openSync } from 'node:fs'
    import { openCommandProcesses } from ${JSON.stringify(new URL('./command-processes.ts', import.meta.url).href)}
    try { for (;;) openSync('/dev/null') } catch {}
    const run = await openCommandProcesses().run(${JSON.stringify(shell('true', 'full'))}, ${JSON.stringify(OPTIONS)}, new AbortController().signal)
    process.exitCode = run.failure === 'not_started' ? 42 : 1`
  const limitedShell = [
    '-c',
    'ulimit -n 64; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
  ]
  expect(spawnSync('/bin/sh', limitedShell, { timeout: 30_000 }).status).toBe(42)
})

test('whoever closes waits for the end of what still runs, though its caller does not', async () => {
  const processes = opened()
  const word = `ctxlock-test-${process.pid}-closed`
  const run = processes.run(
    shell(`trap '' TERM HUP INT; (setsid sh -c 'sleep 60; true' ${word} &); sleep 60; true`, word),
    OPTIONS,
    never,
  )
  await vi.waitFor(() => expect(running(word)).toHaveLength(2), 10_000)
  await processes.close()
  expect(running(word)).toEqual([])
  expect(await run).toMatchObject({ exitCode: null, outputBytes: 0 })
})

test('a process that is killed leaves no command running, whatever it does with signals', async () => {
  const word = `ctxlock-test-${process.pid}-orphan`
  const { file, args } = shell(`trap '' TERM HUP INT; (setsid sh -c 'sleep 60; true' ${word} &); sleep 60; true`, word)
  const program = `
    import { openCommandProcesses } from ${JSON.stringify(new URL('./command-processes.ts', import.meta.url).href)}
    openCommandProcesses().run(${JSON.stringify({ file, args })}, ${JSON.stringify(OPTIONS)}, new AbortController().signal)`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' })
  // It, the command, and what the command put aside.
  await vi.waitFor(() => expect(running(word)).toHaveLength(3), 10_000)
  owner.kill('SIGKILL')
  await untilGone(word)
})

test('nothing is left of what was closed, and it is waited for by nobody', async () => {
  const program = `
    import { openCommandProcesses } from ${JSON.stringify(new URL('./command-processes.ts', import.meta.url).href)}
    const processes = openCommandProcesses()
    const run = await processes.run(${JSON.stringify(shell('echo $PPID', 'pid'))}, ${JSON.stringify(OPTIONS)}, new AbortController().signal)
    process.stdout.write(run.stdout)`
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    timeout: 30_000,
  })
  expect(status).toBe(0)
  const watcher = Number.parseInt(stdout.toString())
  expect(watcher).toBeGreaterThan(1)
  await vi.waitFor(() => expect(running('command-worker')).not.toContain(watcher), 10_000)
})
