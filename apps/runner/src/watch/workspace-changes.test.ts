import { expect, test } from 'vitest'

import { openWorkspaceChanges } from './workspace-changes.ts'

/** Timers and a watcher that do what the test says. */
function fakes() {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  const abort = new AbortController()
  let now = 0
  let note: (path: string | null) => void = () => {}
  let fail = () => {}
  let closed = 0
  const changes = openWorkspaceChanges({
    root: 'workspace',
    signal: abort.signal,
    timers: {
      after(milliseconds, run) {
        const timer = { at: now + milliseconds, run }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
    startWatcher(_, onChange, onFailure) {
      note = onChange
      fail = onFailure
      return () => (closed += 1)
    },
  })
  let settled = 0
  const wait = () => void changes.next().then(() => (settled += 1))
  return {
    abort,
    changes,
    wait,
    note: (path: string | null) => note(path),
    fail: () => fail(),
    timers: () => timers.size,
    closed: () => closed,
    async pass(milliseconds: number): Promise<number> {
      now += milliseconds
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer)
        timer.run()
      }
      await Promise.resolve()
      return settled
    },
  }
}

test('many changes at once settle once, after a moment of quiet', async () => {
  const { wait, note, pass } = fakes()
  wait()
  for (const path of ['a.ts', 'b.ts', 'c.ts']) note(path)
  expect(await pass(100)).toBe(0)
  note('a.ts')
  expect(await pass(100)).toBe(0)
  expect(await pass(30)).toBe(1)
  wait()
  expect(await pass(10_000)).toBe(1)
})

test('what changes while nobody waits is not lost', async () => {
  const { wait, note, pass } = fakes()
  note('a.ts')
  expect(await pass(1000)).toBe(0)
  wait()
  expect(await pass(120)).toBe(1)
})

test('a tree that is never quiet is looked at all the same', async () => {
  const { wait, note, pass } = fakes()
  wait()
  let settled = 0
  for (let step = 0; step < 30 && settled === 0; step += 1) {
    note('log.txt')
    settled = await pass(100)
  }
  expect(settled).toBe(1)
})

test.each([
  '.ctxlock/state.db-wal',
  '.git/index.lock',
  'ctxlock.lock.123-1.tmp',
  'node_modules/x/index.js',
  'packages/a/node_modules/x.js',
])('what this run and its tools write is no change: %s', async (path) => {
  const { wait, note, pass } = fakes()
  wait()
  note(path)
  expect(await pass(5000)).toBe(0)
})

test.each(['ctxlock.lock', 'src/ctxlock.lock.md', 'my.git/a.ts', 'ctxlock.config.json', null])(
  '%s is a change',
  async (path) => {
    const { wait, note, pass } = fakes()
    wait()
    note(path)
    expect(await pass(120)).toBe(1)
  },
)

test('when the watcher fails, the whole tree is looked at from time to time', async () => {
  const { wait, fail, pass } = fakes()
  fail()
  wait()
  expect(await pass(2000)).toBe(0)
  expect(await pass(120)).toBe(1)
  wait()
  await pass(2000)
  expect(await pass(120)).toBe(2)
})

test('a wait that is aborted ends, and closing leaves no timer', async () => {
  const { abort, changes, note, fail, timers, closed } = fakes()
  const waiting = changes.next()
  note('a.ts')
  fail()
  abort.abort(new Error('Ctrl-C'))
  await expect(waiting).rejects.toThrow('Ctrl-C')
  expect(() => changes.next()).toThrow('Ctrl-C')
  changes.close()
  expect([timers(), closed()]).toEqual([0, 1])
})
