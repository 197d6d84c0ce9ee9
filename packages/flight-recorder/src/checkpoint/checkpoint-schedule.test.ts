import type { FlightEvent } from '@ctxlock/contracts/events'
import { draftOf } from '@ctxlock/contracts/testing'
import { describe, expect, test } from 'vitest'

import { openLogFolder } from '../../test/log-folder.ts'
import { queryEvents } from '../index.ts'
import { openCheckpointSchedule } from './checkpoint-schedule.ts'

/** A schedule whose time passes when the test says so. */
function scheduled() {
  const due: { at: number; run: () => void }[] = []
  const state = { now: 0, isBusy: false, fails: false, checkpoints: new Array<number>() }
  const schedule = openCheckpointSchedule({
    timers: {
      after(milliseconds, run) {
        const timer = { at: state.now + milliseconds, run }
        due.push(timer)
        return () => void due.splice(due.indexOf(timer), 1)
      },
    },
    isBusy: () => state.isBusy,
    async checkpoint() {
      state.checkpoints.push(state.now)
      if (state.fails) throw new Error('disk full')
    },
  })
  const pass = (milliseconds: number) => {
    const until = state.now + milliseconds
    for (;;) {
      const [next] = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (!next) break
      due.splice(due.indexOf(next), 1)
      state.now = next.at
      next.run()
    }
    state.now = until
  }
  return { state, pass, ...schedule, waiting: () => due.length }
}

const eventOf = (type: Parameters<typeof draftOf>[0]): FlightEvent => {
  using folder = openLogFolder()
  folder.recorder.record(draftOf(type))
  const [event] = queryEvents(folder.database, {}, { limit: 1 }).events
  if (!event) throw new Error('Expected an event')
  return event
}
const ordinary = eventOf('diagnostic')

describe('a checkpoint is due', () => {
  test('a minute after the first event of several', () => {
    const { state, pass, appended } = scheduled()
    appended([ordinary])
    pass(40_000)
    appended([ordinary])
    pass(19_999)
    expect(state.checkpoints).toEqual([])
    pass(1)
    expect(state.checkpoints).toEqual([60_000])
    pass(600_000)
    expect(state.checkpoints).toHaveLength(1)
  })

  test('after a thousand events, not before what appended them has returned', () => {
    const { state, pass, appended } = scheduled()
    appended(Array.from({ length: 999 }, () => ordinary))
    pass(0)
    expect(state.checkpoints).toEqual([])
    appended([ordinary])
    expect(state.checkpoints).toEqual([])
    pass(0)
    expect(state.checkpoints).toEqual([0])
  })

  test.each([
    'cloud_escalation_approved',
    'cloud_escalation_denied',
    'gov_human_intervention_received',
    'security_violation',
  ] as const)('at once after %s, once', (type) => {
    const { state, pass, appended, waiting } = scheduled()
    appended([ordinary])
    appended([ordinary, eventOf(type)])
    appended([eventOf(type)])
    pass(0)
    expect([state.checkpoints, waiting()]).toEqual([[0], 0])
  })

  test('at once after a batch in which one event asks for it', () => {
    const { state, pass, appended } = scheduled()
    appended([ordinary, eventOf('security_violation')])
    pass(0)
    expect(state.checkpoints).toEqual([0])
  })

  test('never while a transaction is open, and soon after it', () => {
    const { state, pass, appended } = scheduled()
    state.isBusy = true
    appended([eventOf('security_violation')])
    pass(120)
    expect(state.checkpoints).toEqual([])
    state.isBusy = false
    pass(50)
    expect(state.checkpoints).toHaveLength(1)
  })

  test('not at all where nothing was appended', () => {
    const { pass, close, state } = scheduled()
    close()
    pass(600_000)
    expect(state.checkpoints).toEqual([])
  })

  test('again after one that failed, and not once it is closed', () => {
    const { state, pass, appended, close, waiting } = scheduled()
    state.fails = true
    appended([eventOf('security_violation')])
    pass(0)
    appended([ordinary])
    pass(60_000)
    expect(state.checkpoints).toEqual([0, 60_000])
    appended([ordinary])
    close()
    expect(waiting()).toBe(0)
  })
})
