import { expect, test } from 'vitest'

import type { CallReply } from '../governed-call/call-reply.ts'
import type { WaitingCall } from '../governed-call/call-turn.ts'
import { timedTurn } from './timed-turn.ts'

const REPLY: CallReply = Object({ status: 'answered', result: {} })

/** Time that only the test lets pass. */
function heldTime() {
  let now = 0
  const due = new Map<number, () => void>()
  return {
    due,
    pass: (milliseconds: number) => (now += milliseconds),
    session: {
      timestamp: () => `at ${now}`,
      environment: {
        random: Object({}),
        clock: { now: () => now, monotonic: () => now },
        timers: {
          after(milliseconds: number, callback: () => void) {
            due.set(now + milliseconds, callback)
            return () => void due.delete(now + milliseconds)
          },
        },
      },
    },
  }
}

test('the time of a call begins with its turn, and its end can be called off', async () => {
  const time = heldTime()
  const comes = Promise.withResolvers<void>()
  const turn = timedTurn(time.session, 1_000, async (_, make, signal) => {
    await comes.promise
    return make(signal)
  })
  const call: WaitingCall = Object({})
  const made = turn.inTurn(call, async () => (time.pass(70), REPLY), new AbortController().signal)
  time.pass(5_000)
  expect(time.due.size).toBe(0)
  comes.resolve()
  expect(await made).toBe(REPLY)
  expect([...time.due.keys()]).toEqual([6_000])
  expect(turn.timing()).toEqual({ startedAt: 'at 5000', durationMs: 70, timedOut: false })

  time.due.get(6_000)?.()
  expect([turn.signal.aborted, turn.timing().timedOut]).toEqual([true, true])
  turn.end()
})
