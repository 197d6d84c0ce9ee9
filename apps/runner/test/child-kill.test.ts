// A child run killed on the way from its consent to its answer: no byte leaves twice for one consent, and the run comes to its end.
import { join } from 'node:path'

import { beforeEach, expect, test, vi } from 'vitest'

import type { ChatServerOptions } from './support/chat-server.ts'
import { ctxlock, Json } from './support/ctxlock.ts'
import { escalatingWorkspace } from './support/escalating-workspace.ts'
import { ctxlockHere } from './support/in-process.ts'
import { live } from './support/killed-runs/life.ts'
import { stateRows } from './support/recorded.ts'

beforeEach(() => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  return () => vi.unstubAllEnvs()
})

/** Approves whatever the run asks for and goes on until it ends; the first process after the first consent is killed. */
async function killedAfterConsent(far: ChatServerOptions, kill: (cwd: string) => Promise<{ wasKilled: boolean }>) {
  // One escalation, however often its process is killed.
  const space = await escalatingWorkspace({ governance: { max_cloud_escalations_per_job: 1 }, far })
  const here = (...args: readonly string[]) => ctxlockHere(args, space.cwd)
  let approvals = 0
  let isAnswerLost = false
  let { code, error } = await here('run', join(space.cwd, 'task.json'))
  while (code === 4) {
    const details = new Json(error?.details)
    const hash = details.at('payload_sha256').text
    expect((await here('consent', 'approve', details.at('request_id').text, '--hash', hash)).code).toBe(0)
    approvals += 1
    if (approvals === 1) {
      const before = storedAnswers(space.cwd)
      expect((await kill(space.cwd)).wasKilled).toBe(true)
      isAnswerLost = space.far.bodies.length > 0 && storedAnswers(space.cwd) === before
    }
    ;({ code, error } = await here('resume', 'last'))
  }
  expect([code, (await here('verify')).code]).toEqual([0, 0])
  expect(space.near.requests).toHaveLength(2)
  return { approvals, sent: space.far.bodies.length, isAnswerLost }
}

function storedAnswers(cwd: string): number {
  return stateRows(cwd, 'SELECT 1 FROM runner_reply').length
}

// The commits of the process that goes on are about 70; at about the 50th it spends the consent, and soon after stores the answer.
test.each([9, 30, 48, 52, 54, 57, 64])(
  'killed at commit %d: no consent is used twice, no answer is asked for twice',
  async (n) => {
    const { approvals, sent, isAnswerLost } = await killedAfterConsent({}, (cwd) =>
      live(cwd, ['resume', 'last'], { atCommit: n, when: 'after' }),
    )
    expect(sent).toBe(isAnswerLost ? 2 : 1)
    // What was approved holds in the next process, unless it was spent; what is sent again was approved again.
    expect(approvals).toBeGreaterThanOrEqual(sent)
    expect(approvals).toBeLessThanOrEqual(2)
  },
)

test('killed while the answer is on its way, it asks a person before anything is sent again', async () => {
  let kill: ((signal: NodeJS.Signals) => void) | undefined
  const reply = () => {
    kill?.('SIGKILL')
    kill = undefined
    return 'A checksum is a sum.'
  }
  const ended = await killedAfterConsent({ reply, delayMs: 200 }, async (cwd) => {
    const { signal } = await ctxlock(['resume', 'last'], { cwd, onStart: (stop) => (kill = stop) })
    return { wasKilled: signal === 'SIGKILL' }
  })
  expect(ended).toEqual({ approvals: 2, sent: 2, isAnswerLost: true })
})
