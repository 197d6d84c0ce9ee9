// What a person does about a run from another terminal: look at it, pause, decide, cancel; and what a killed one leaves to go on with.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { serverConfig, startChatServer, type ChatServerOptions } from './support/chat-server.ts'
import { closedPort } from './support/closed-port.ts'
import { ctxlock, ctxlockJson, type CommandResult } from './support/ctxlock.ts'
import { recordedEvents } from './support/recorded.ts'
import { makeWorkspace, SMALL_WORKSPACE, THREE_STEPS } from './support/workspace.ts'

const ENV = { CTXLOCK_TEST_KEY: 'sk-test-runs-0123456789' }
const INVENTED = 'README.md:1-1\n> invented\n'

async function workspace(options: ChatServerOptions) {
  const server = await startChatServer(options)
  return { server, ...workspaceAt(server.url) }
}

function workspaceAt(url: string) {
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'task.json': JSON.stringify(THREE_STEPS),
    'ctxlock.config.json': serverConfig(url),
  })
  return { cwd, run: (...args: readonly string[]) => ctxlock(args, { cwd, env: ENV }) }
}

function parts(bodies: readonly Buffer[]): (string | undefined)[] {
  return bodies.map((body) => /part (one|two|three)/.exec(body.toString('utf8'))?.[1])
}

const typesOf = (cwd: string) => recordedEvents(cwd).map(({ type }) => type)

function runIdOf({ stdout }: CommandResult): string {
  return /^run +(\S+)$/m.exec(stdout)?.[1] ?? ''
}

test('a run at a gate: doctor names the commands, skip leaves out what depends on it, status says so', async () => {
  const { cwd, run } = await workspace({ reply: (body) => (body.includes('part two') ? INVENTED : 'No quotation.') })
  const first = await run('run', 'task.json')
  expect(first.code, first.stderr).toBe(4)
  const id = runIdOf(first).slice(0, 8)
  const doctor = await run('doctor')
  expect([doctor.code, doctor.stdout]).toEqual([
    4,
    expect.stringContaining(`ctxlock continue ${id}, or ctxlock skip ${id}`),
  ])
  const skipped = await run('skip', id)
  expect(skipped.code, skipped.stderr).toBe(9)
  expect(skipped.stdout.match(/^MT-\d+ was finished before/gm)).toEqual(['MT-001 was finished before'])
  const { value } = await ctxlockJson(['status', id], { cwd, env: ENV })
  expect(value.at('progress', 'micro_tasks').items.map((task) => task.at('status').text)).toEqual([
    'completed',
    'skipped',
    'skipped',
  ])
  expect((await run('doctor')).stdout).toBe('nothing is stuck\n')
  expect((await run('continue', id)).stderr).toMatch(/waits at no gate/)
  expect((await run('verify')).code).toBe(0)
}, 60_000)

test('a run that was refused before it began: status says so, and what to do', async () => {
  const task = JSON.stringify({ ...THREE_STEPS, verify: ['no-such-program'] })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': task })
  expect((await ctxlock(['run', 'task.json'], { cwd })).code).toBe(8)
  const status = await ctxlock(['status'], { cwd })
  expect([status.code, status.stderr]).toEqual([2, expect.stringContaining('was refused before it began')])
  expect(status.stderr).toContain('`ctxlock runs`')
}, 20_000)

test('paused from another process, a run waits after its iteration and goes on when it is resumed', async () => {
  const decided = Promise.withResolvers<void>()
  const { server, run } = await workspace({ answersAfter: decided.promise })
  const running = run('run', 'task.json')
  await expect.poll(() => server.bodies.length, { timeout: 20_000 }).toBe(1)
  expect((await run('pause', 'last')).code).toBe(0)
  decided.resolve()
  const paused = await running
  expect([paused.code, paused.stderr]).toEqual([4, expect.stringContaining('somebody paused it')])
  expect(parts(server.bodies)).toEqual(['one'])
  const resumed = await run('resume', 'last')
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(parts(server.bodies)).toEqual(['one', 'two', 'three'])
}, 60_000)

test('paused from another process and killed before it heard of it, a run goes on when it is resumed', async () => {
  let kill: (signal: NodeJS.Signals) => void = () => {}
  const answered = Promise.withResolvers<void>()
  const { server, cwd, run } = await workspace({ answersAfter: answered.promise })
  const first = ctxlock(['run', 'task.json'], { cwd, env: ENV, onStart: (stop) => (kill = stop) })
  await expect.poll(() => server.bodies.length, { timeout: 20_000 }).toBe(1)
  expect((await run('pause', 'last')).code).toBe(0)
  kill('SIGKILL')
  expect((await first).signal).toBe('SIGKILL')
  answered.resolve()
  const resumed = await run('resume', 'last')
  expect([resumed.code, resumed.stderr]).toEqual([0, ''])
}, 60_000)

test('cancelled from another process: the step under way is kept, nothing begins after it, and that is final', async () => {
  const decided = Promise.withResolvers<void>()
  const { server, cwd, run } = await workspace({ answersAfter: decided.promise })
  const running = run('run', 'task.json')
  await expect.poll(() => server.bodies.length, { timeout: 20_000 }).toBe(1)
  expect((await run('cancel', 'last')).code).toBe(0)
  decided.resolve()
  const cancelled = await running
  expect([cancelled.code, cancelled.stderr]).toEqual([130, expect.stringContaining('was cancelled')])
  expect(server.bodies).toHaveLength(1)
  expect(typesOf(cwd)).toContain('micro_task_loop_cancelled')
  const resumed = await run('resume', 'last')
  expect([resumed.code, resumed.stderr]).toEqual([8, expect.stringContaining('was cancelled')])
  expect(server.bodies).toHaveLength(1)
}, 60_000)

test('a run that waits at a gate is cancelled without a process of its own', async () => {
  const { cwd, run } = await workspace({ reply: () => INVENTED })
  expect((await run('run', 'task.json')).code).toBe(4)
  expect((await run('cancel', 'last')).stdout).toMatch(/^cancelled /)
  expect(typesOf(cwd)).toContain('micro_task_loop_cancelled')
  const { value } = await ctxlockJson(['status', 'last'], { cwd, env: ENV })
  expect([value.at('state').text, value.at('progress', 'status').text]).toEqual(['cancelled', 'cancelled'])
}, 60_000)

test.each(['ask', 'run'])(
  '%s: a run that failed is cancelled: it is over, and nothing is stuck',
  async (command) => {
    const { cwd, run } = workspaceAt(await closedPort())
    const failed = await run(command, command === 'ask' ? 'What is part one?' : 'task.json')
    expect(failed.code, failed.stderr).toBe(5)
    expect([(await run('doctor')).code, (await run('status')).stdout]).toEqual([
      4,
      expect.stringMatching(/^state +failed/m),
    ])

    // Of several who say so one is heard, and the record says it once.
    const cancelled = await Promise.all([run('cancel', 'last'), run('cancel', 'last', '--now')])
    expect(new Set(cancelled.map(({ code }) => code))).toEqual(new Set([0, 8]))
    expect(cancelled.map(({ stdout }) => stdout).join('')).toMatch(/^cancelled {2}\S+\n$/)
    const again = await run('cancel', 'last')
    expect([again.code, again.stderr]).toEqual([8, expect.stringContaining('has ended already')])
    expect(typesOf(cwd).filter((type) => type === 'micro_task_loop_cancelled')).toHaveLength(1)
    const status = await run('status')
    expect(status.stdout).toMatch(/^state +cancelled/m)
    expect(status.stdout).not.toMatch(/^next|^session .* (?:active|paused|cut off),/m)
    expect((await run('doctor')).stdout).toBe('nothing is stuck\n')

    const resumed = await run('resume', 'last')
    expect([resumed.code, resumed.stderr]).toEqual([8, expect.stringContaining('was cancelled')])
    expect((await run('verify')).code).toBe(0)
  },
  60_000,
)

test('killed while the second call is under way: the first is not repeated, the ledger says what happened', async () => {
  let kill: (signal: NodeJS.Signals) => void = () => {}
  const { server, cwd, run } = await workspace({
    reply(body) {
      if (body.includes('part two')) kill('SIGKILL')
      return 'No quotation.'
    },
  })
  const first = await ctxlock(['run', 'task.json'], { cwd, env: ENV, onStart: (stop) => (kill = stop) })
  expect(first.signal).toBe('SIGKILL')
  kill = () => {}
  const id = runIdOf(first)
  const ledger = join(cwd, '.ctxlock', 'runs', id, 'ledger.jsonl')
  // A crash may also cut off the last line, and lose the progress artifact.
  writeFileSync(ledger, `${readFileSync(ledger, 'utf8')}{"step_id":"MT-0`)
  truncateSync(join(cwd, '.ctxlock', 'runs', id, 'progress.json'), 20)
  expect((await run('doctor')).stdout).toContain('the process that worked on it is gone')
  const second = await run('resume', id)
  expect(second.code, second.stderr).toBe(0)
  expect(second.stdout).toContain('MT-001 was finished before')
  expect(parts(server.bodies)).toEqual(['one', 'two', 'two', 'three'])
  const statuses = readFileSync(ledger, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): string => {
      const { step_id, status }: { step_id: string; status: string } = JSON.parse(line)
      return `${step_id} ${status}`
    })
  expect(statuses).toEqual([
    'MT-001_iter-001 in_progress',
    'MT-001_iter-001 completed',
    'MT-002_iter-001 in_progress',
    'MT-002_iter-001 pending',
    'MT-002_iter-001 in_progress',
    'MT-002_iter-001 completed',
    'MT-003_iter-001 in_progress',
    'MT-003_iter-001 completed',
  ])
  expect((await run('verify')).code).toBe(0)
}, 60_000)
