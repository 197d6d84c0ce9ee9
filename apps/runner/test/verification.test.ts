// What model-written code can do when a verification command runs it: every attempt to get out is contained, ended and recorded.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

import { poisonJob } from '@ctxlock/ace-validators/poisoning'
import type { VerificationOutcome } from '@ctxlock/contracts/edits'
import type { VerificationSpec } from '@ctxlock/contracts/packs'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import { openEditWorktree } from '../src/edits/edit-worktree.ts'
import { startJob } from '../src/run/job.ts'
import type { Session } from '../src/session/session.ts'
import { openCommandProcesses } from '../src/verification/command-processes.ts'
import { findSandbox, installedSandboxes } from '../src/verification/sandbox/find-sandbox.ts'
import type { Sandbox } from '../src/verification/sandbox/sandbox.ts'
import { createVerificationRunner } from '../src/verification/verification-runner.ts'
import { commitAll } from './support/edited-run.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { makeWorkspace, temporaryFolder } from './support/workspace.ts'

const CONFIG = JSON.stringify({
  schema_version: 'ctxlock.config@1',
  execution: { commands: ['node', 'sh', 'git', 'true', 'false'], memory_mb: 512 },
})
const RUN = '11111111-1111-4111-8111-111111111111'
const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`
const STEP = 'MT-001_iter-001'

const spec = (command: string, more: Partial<VerificationSpec> = {}): VerificationSpec => ({
  command,
  expect: 'exit_0',
  timeout_ms: 20_000,
  blocking: true,
  ...more,
})

async function runnerFor(
  files: Readonly<Record<string, string>>,
  options: {
    readonly sandbox: Sandbox | undefined
    readonly allowUnsandboxed?: boolean
    readonly variables?: NodeJS.ProcessEnv
  },
) {
  const root = makeWorkspace({ ...files, 'ctxlock.config.json': CONFIG })
  commitAll(root)
  const session = await openedSession(root)
  const job = startJob(session, 'a'.repeat(64), [RUN])
  const worktree = openEditWorktree(session, RUN, (work) => work())
  const processes = openCommandProcesses()
  onTestFinished(async () => {
    await processes.close()
    worktree.close()
  })
  const runner = createVerificationRunner({
    session,
    job,
    runId: RUN,
    traceId: crypto.randomUUID(),
    worktree: worktree.folder,
    variables: { PATH, ...options.variables },
    processes,
    sandbox: options.sandbox,
    allowUnsandboxed: options.allowUnsandboxed ?? false,
  })
  return { root, session, job, worktree, runner }
}

function resultOf(outcome: VerificationOutcome) {
  if (outcome.status !== 'ran') throw new Error(JSON.stringify(outcome.refusals))
  return outcome.result
}
function outputOf(session: Session, outcome: VerificationOutcome): string {
  const [first] = resultOf(outcome).spec_results
  return [first?.stdout_ref, first?.stderr_ref]
    .map((ref) => (ref ? Buffer.from(session.artifacts.get(ref.content_hash)).toString() : ''))
    .join('')
}
/** Processes whose command line holds a word that only the attack knows. */
function survivors(word: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(word))
}

describe('without a sandbox', () => {
  test('nothing runs, and the refusal is recorded', async () => {
    const { session, runner } = await runnerFor({}, { sandbox: undefined })
    expect(await runner.check([spec('true')])).toMatchObject([{ code: 'SANDBOX_UNAVAILABLE' }])
    expect(await runner.run({ specs: [spec('true')], stepId: STEP })).toMatchObject({ status: 'refused' })
    expect(recorded(session, 'command_refused')).toMatchObject([{ payload: { error_code: 'SANDBOX_UNAVAILABLE' } }])
    expect(recorded(session, 'command_planned')).toEqual([])
  })

  test('with the flag it runs, and that is recorded once', async () => {
    const { session, runner } = await runnerFor({}, { sandbox: undefined, allowUnsandboxed: true })
    const outcome = await runner.run({ specs: [spec('true'), spec('false')], stepId: STEP })
    expect(outcome).toMatchObject({ status: 'ran', isolation: 'none', result: { passed: false } })
    await runner.run({ specs: [spec('true')], stepId: STEP })
    expect(recorded(session, 'unsandboxed_allowed')).toHaveLength(1)
    expect(recorded(session, 'command_planned')).toHaveLength(3)
  })
})

test('T-MT-05: what is run again has the multiple of its time, and never more than five minutes', async () => {
  const { session, runner } = await runnerFor({}, { sandbox: undefined, allowUnsandboxed: true })
  const specs = [spec('true', { timeout_ms: 100_000 }), spec('true', { timeout_ms: 200_000 })]
  await runner.run({ specs, stepId: STEP, timeoutFactor: 2 })
  const planned = recorded(session, 'command_planned').map(({ payload }) =>
    JSON.parse(Buffer.from(session.artifacts.get(payload.operation_ref)).toString('utf8')),
  )
  expect(planned.map(({ params }) => params.timeout_ms)).toEqual([200_000, 300_000])
})

test('a command that is not allowed stops all of them, before one ran', async () => {
  const { session, runner } = await runnerFor({}, { sandbox: undefined, allowUnsandboxed: true })
  const specs = [spec('true'), spec('curl http://localhost'), spec('sh -c "a; b"')]
  const outcome = await runner.run({ specs, stepId: STEP })
  expect(outcome).toMatchObject({ refusals: [{ code: 'COMMAND_NOT_ALLOWED' }, { code: 'COMMAND_MALFORMED' }] })
  expect(recorded(session, 'command_planned')).toEqual([])
  expect(recorded(session, 'command_refused')).toHaveLength(2)
})

test('a job that is poisoned while a command runs: its processes end, and nothing is written about it any more', async () => {
  const word = `ctxlock-test-${process.pid}-poison`
  const { session, job, runner } = await runnerFor({}, { sandbox: undefined, allowUnsandboxed: true })
  const running = runner.run({ specs: [spec(`sh -c "sleep 60" ${word}`)], stepId: STEP })
  const ended = expect(running).rejects.toMatchObject({ code: 'JOB_POISONED' })
  await vi.waitFor(() => expect(survivors(word)).not.toEqual([]), 5000)
  const found = { guard: 'PromptInjectionGuard', matches: [], policy_profile_id: 'x', context_snapshot_id: null }
  poisonJob(session.state.database, { job_id: job.jobId, violation_id: crypto.randomUUID(), ...found }, () => {})
  await ended
  await vi.waitFor(() => expect(survivors(word)).toEqual([]), 5000)
  expect(recorded(session, 'command_planned')).toHaveLength(1)
  expect(recorded(session, 'command_ended')).toEqual([])
})

describe('what a command shows', () => {
  const run = async (specs: readonly VerificationSpec[]) => {
    const { runner, session } = await runnerFor({}, { sandbox: undefined, allowUnsandboxed: true })
    return { session, outcome: await runner.run({ specs, stepId: STEP }) }
  }

  test('each expectation, and what is not blocking', async () => {
    const print = `node -e 'console.log("one two")'`
    const { outcome } = await run([
      spec('true'),
      spec('false', { expect: 'exit_nonzero' }),
      spec(print, { expect: 'contains', pattern: 'one two' }),
      spec(print, { expect: 'not_contains', pattern: 'three' }),
      spec('false', { blocking: false }),
    ])
    expect(resultOf(outcome)).toMatchObject({ passed: true })
    expect(resultOf(outcome).spec_results.map(({ passed }) => passed)).toEqual([true, true, true, true, false])
  })

  test('output is an artifact, without secrets', async () => {
    const key = `sk-ant-api03-${'Ab1'.repeat(31)}AA`
    const { session, outcome } = await run([spec(`node -e 'console.log("key ${key}")'`)])
    expect(outputOf(session, outcome)).toMatch(/^key /)
    expect(outputOf(session, outcome)).not.toContain(key)
  })

  test('a flood is cut and ended; what was not kept proves no absence', async () => {
    const flood = `node -e 'const s = "x".repeat(65536); for (;;) require("fs").writeSync(1, s)'`
    const { session, outcome } = await run([spec(flood)])
    expect(resultOf(outcome).spec_results).toMatchObject([
      { passed: false, error: 'output_limit', actual_exit_code: null },
    ])
    expect(outputOf(session, outcome).length).toBeLessThan(1_200_000)
    const much = await run([
      spec(`node -e 'process.stdout.write("x".repeat(4000000))'`, { expect: 'not_contains', pattern: 'y' }),
    ])
    expect(resultOf(much.outcome)).toMatchObject({ passed: false })
  })

  test('a timeout ends even what ignores signals, with its daemons', async () => {
    const word = `ctxlock-test-${process.pid}-timeout`
    const stubborn = `node -e 'process.on("SIGTERM", () => {}); process.on("SIGINT", () => {}); require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "${word}"], { detached: true, stdio: "inherit" }); setInterval(() => {}, 1000)'`
    const { outcome } = await run([spec(stubborn, { timeout_ms: 1000 })])
    expect(resultOf(outcome).spec_results).toMatchObject([{ passed: false, error: 'timeout' }])
    expect(survivors(word)).toEqual([])
  })

  test('a daemon ends with the command that left it, also when nothing else holds it', async () => {
    const word = `ctxlock-test-${process.pid}-daemon`
    const daemon = `node -e 'require("child_process").spawn("sh", ["-c", "sleep 300 & sleep 300", "${word}"], { detached: true, stdio: "ignore" }).unref()'`
    const { outcome } = await run([spec(daemon)])
    expect(resultOf(outcome)).toMatchObject({ passed: true })
    expect(survivors(word)).toEqual([])
  })

  test('memory of all processes together', async () => {
    const hungry = `node -e 'const all = []; setInterval(() => all.push(Buffer.alloc(20000000, 1)), 10)'`
    const { outcome } = await run([spec(hungry)])
    const [result] = resultOf(outcome).spec_results
    // The kernel's limit of one process, or ours of all of them: whichever comes first.
    expect(result?.passed).toBe(false)
    expect(result?.error === 'memory_limit' || (result?.actual_exit_code ?? 0) !== 0).toBe(true)
  })

  test('it ends when it is told to', async () => {
    const { runner } = await runnerFor({}, { sandbox: undefined, allowUnsandboxed: true })
    const abort = new AbortController()
    const slow = runner.run({ specs: [spec('sh -c "sleep 60"'), spec('true')], stepId: STEP, signal: abort.signal })
    setTimeout(() => abort.abort(), 300)
    expect(resultOf(await slow)).toMatchObject({ passed: false, spec_results: [{ error: 'cancelled' }] })
  })
})

const SANDBOXES = installedSandboxes().filter((sandbox) => findSandbox([sandbox]) !== undefined)

describe.skipIf(SANDBOXES.length === 0)('in a sandbox, where one works', () => {
  let port = 0
  let connections = 0
  beforeAll(async () => {
    const server = createServer((socket) => ((connections += 1), socket.end()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
    return () => server.close()
  })

  test.each(SANDBOXES.map((sandbox) => [sandbox.isolation, sandbox] as const))(
    '%s holds',
    async (isolation, sandbox) => {
      const outside = join(temporaryFolder(), 'outside')
      // Like the socket of an agent or a daemon.
      const agent = join(temporaryFolder(), 'agent.sock')
      const daemon = createServer().listen(agent)
      onTestFinished(() => void daemon.close())
      const attack = `
      import { execFileSync, spawnSync } from 'node:child_process'
      import fs from 'node:fs'
      import net from 'node:net'
      const [root, outside, port, agent] = process.argv.slice(2)
      const report = {}
      const tried = (name, work) => { try { report[name] = work() ?? 'done' } catch (error) { report[name] = error.code ?? 'failed' } }
      tried('own', () => { fs.writeFileSync('own.txt', 'x') })
      tried('home', () => { fs.writeFileSync(process.env.HOME + '/x', 'x') })
      tried('source', () => { fs.writeFileSync(root + '/src/a.ts', 'owned') })
      tried('link', () => { fs.symlinkSync(root + '/src/a.ts', 'link'); fs.writeFileSync('link', 'owned') })
      tried('hard', () => { fs.linkSync(root + '/src/a.ts', 'hard'); fs.writeFileSync('hard', 'owned') })
      tried('hook', () => { fs.writeFileSync(root + '/.git/hooks/pre-commit', 'owned') })
      tried('outside', () => { fs.writeFileSync(outside, 'owned') })
      tried('etc', () => { fs.writeFileSync('/etc/ctxlock-test', 'owned') })
      tried('kernel', () => { fs.writeFileSync('/proc/sys/vm/swappiness', fs.readFileSync('/proc/sys/vm/swappiness')) })
      tried('control', () => { fs.writeFileSync('/sys/fs/cgroup/cgroup.procs', String(process.pid)) })
      tried('agent', () => fs.existsSync(agent) ? 'seen' : 'unseen')
      tried('disks', () => fs.readdirSync('/dev').filter((name) => /^(?:[vs]d|nvme|mem|kmsg|mapper|fuse)/.test(name)).join() || 'none')
      tried('state', () => fs.readdirSync(root + '/.ctxlock').join())
      tried('remount', () => spawnSync('mount', ['-o', 'remount,rw', '/']).status === 0 ? 'done' : 'refused')
      tried('nested', () => spawnSync('unshare', ['-rm', 'mount', '-o', 'remount,bind,rw', '/']).status === 0 ? 'done' : 'refused')
      tried('secret', () => JSON.stringify(process.env).includes('sk-secret') ? 'seen' : 'unseen')
      tried('parents', () => fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).some((pid) => {
        try { return fs.readFileSync('/proc/' + pid + '/environ', 'latin1').includes('sk-secret') } catch { return false }
      }) ? 'seen' : 'unseen')
      const child = execFileSync('sh', ['-c', '(setsid sleep 300 >/dev/null 2>&1 &) ; echo ok'])
      const socket = net.connect({ host: '127.0.0.1', port: Number(port) })
      const end = (value) => { report.network = value; console.log(JSON.stringify(report)); process.exit(0) }
      socket.on('connect', () => end('connected')).on('error', (error) => end(error.code))
    `
      const { root, session, worktree, runner } = await runnerFor(
        { 'src/a.ts': 'a\n', 'attack.mjs': attack },
        { sandbox, variables: { CTXLOCK_TEST_KEY: 'sk-secret-0123456789' } },
      )
      const command = `node attack.mjs ${root} ${outside} ${port} ${agent}`
      const outcome = await runner.run({ specs: [spec(command)], stepId: STEP })
      expect(outcome).toMatchObject({ status: 'ran', isolation, result: { passed: true } })
      const report: Record<string, string> = JSON.parse(outputOf(session, outcome))
      expect(report).toMatchObject({
        own: 'done',
        home: 'done',
        source: 'EROFS',
        link: 'EROFS',
        hook: 'EROFS',
        etc: 'EROFS',
        kernel: expect.stringMatching(/^E(?:ROFS|ACCES|PERM)$/),
        control: expect.stringMatching(/^E(?:ROFS|ACCES|PERM|NOENT)$/),
        agent: 'unseen',
        disks: 'none',
        state: 'worktrees',
        remount: 'refused',
        nested: 'refused',
        secret: 'unseen',
        parents: 'unseen',
        network: expect.stringMatching(/^E(?:NETUNREACH|CONNREFUSED|ADDRNOTAVAIL)$/),
      })
      expect(['EXDEV', 'EROFS', 'EPERM', 'EMLINK']).toContain(report['hard'])
      expect(connections).toBe(0)
      expect(readFileSync(join(root, 'src/a.ts'), 'utf8')).toBe('a\n')
      expect(
        [outside, '/etc/ctxlock-test', join(root, '.git/hooks/pre-commit')].filter((path) => existsSync(path)),
      ).toEqual([])
      expect(existsSync(join(worktree.folder, 'own.txt'))).toBe(true)
      expect(recorded(session, 'command_planned')).toMatchObject([{ payload: { isolation } }])
    },
  )

  test.each(SANDBOXES.map((sandbox) => [sandbox.isolation, sandbox] as const))(
    '%s: nothing outlives a timeout',
    async (_, sandbox) => {
      const word = `ctxlock-test-${process.pid}-${sandbox.isolation}`
      const { runner } = await runnerFor({}, { sandbox })
      const command = `sh -c 'setsid sh -c "trap : TERM HUP INT; sleep 300" ${word} & trap : TERM; sleep 300'`
      const began = performance.now()
      const outcome = await runner.run({ specs: [spec(command, { timeout_ms: 1000 })], stepId: STEP })
      expect(resultOf(outcome).spec_results).toMatchObject([{ error: 'timeout' }])
      expect(performance.now() - began).toBeLessThan(15_000)
      expect(survivors(word)).toEqual([])
    },
  )

  test.each(SANDBOXES.map((sandbox) => [sandbox.isolation, sandbox] as const))(
    '%s: a command that ends itself by a signal has not passed',
    async (_, sandbox) => {
      const files = { 'crash.mjs': 'process.kill(process.pid, process.argv[2])\nsetTimeout(() => {}, 500)\n' }
      const { runner } = await runnerFor(files, { sandbox })
      const specs = ['SIGTERM', 'SIGKILL'].map((signal) => spec(`node crash.mjs ${signal}`))
      const { spec_results } = resultOf(await runner.run({ specs, stepId: STEP }))
      expect(spec_results.map(({ passed }) => passed)).toEqual([false, false])
    },
  )

  test('git in the worktree works and runs no hook of the repository', async () => {
    const [sandbox] = SANDBOXES
    const { root, session, runner } = await runnerFor({ 'a.txt': 'a\n' }, { sandbox })
    const hook = join(root, '.git/hooks/pre-commit')
    writeFileSync(hook, '#!/bin/sh\necho hook ran\n', { mode: 0o755 })
    const outcome = await runner.run({
      specs: [spec('git commit --allow-empty -m x'), spec('git status --short')],
      stepId: STEP,
    })
    expect(outputOf(session, outcome)).not.toContain('hook ran')
    expect(resultOf(outcome).spec_results[1]).toMatchObject({ passed: true })
    expect(execFileSync('git', ['-C', root, 'log', '--oneline'], { encoding: 'utf8' }).trim().split('\n')).toHaveLength(
      1,
    )
    expect(readdirSync(join(root, '.git'))).not.toContain('index.lock')
  })
})
