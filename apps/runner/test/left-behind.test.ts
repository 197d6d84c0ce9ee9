// What a killed run leaves in the state folder: not touched while it lives, gone with the next command, and no part of the run.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { ctxlock } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { startModelServer } from './support/model-server.ts'
import { answerTo, poisonWorkspace, WRITTEN } from './support/poisoned/poison-workspace.ts'

test('the worktree of a living run stays, that of a killed one is removed by the next command, and the run goes on', async () => {
  const server = await startModelServer('router', { far: 1 })
  onTestFinished(() => server.close())
  const root = poisonWorkspace(server.origin, 'local')
  onTestFinished(() => rmSync(root, { recursive: true }))
  const worktrees = () => readdirSync(join(root, '.ctxlock', 'worktrees'))
  let kill: (signal: NodeJS.Signals) => void = () => {}
  let beside: unknown
  server.says = async () => {
    const chat = server.chats.at(-1)?.toString('utf8') ?? ''
    if (server.chats.length === 1) {
      const [doctor, resume] = [await ctxlockHere(['doctor'], root), await ctxlockHere(['resume', 'last'], root)]
      beside = [doctor.code, doctor.stdout, resume.error?.code, worktrees().length]
    }
    if (server.chats.length === 2) kill('SIGKILL')
    return answerTo(chat, WRITTEN)
  }
  const args = ['run', 'left.json', '--allow-unsandboxed']
  const first = await ctxlock(args, { cwd: root, onStart: (stop) => (kill = stop) })
  expect(first.signal, first.stderr).toBe('SIGKILL')
  expect(beside).toEqual([0, 'nothing is stuck\n', 'RUN_TAKEN', 1])
  // And what its commands had for a home.
  expect(worktrees()).toHaveLength(2)

  const doctor = await ctxlockHere(['doctor'], root)
  expect([doctor.code, doctor.stdout]).toEqual([4, expect.stringContaining('the process that worked on it is gone')])
  const [, next = ''] = /ctxlock (resume [0-9a-f]{8})/.exec(doctor.stdout) ?? []
  expect(worktrees()).toEqual([])
  expect((await ctxlockHere(next.split(' '), root)).code).toBe(0)
  expect([worktrees(), (await ctxlockHere(['doctor'], root)).stdout]).toEqual([[], 'nothing is stuck\n'])
}, 60_000)
