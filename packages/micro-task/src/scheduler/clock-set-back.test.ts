// A clock that ran ahead is put right: whoever waits goes on as if the time until then had not been (MT-063).
import { DEFAULT_SCHEDULER_LIMITS, type SchedulerLimits } from '@ctxlock/contracts/scheduler'
import { describe, expect, it } from 'vitest'

import { callOf, machine } from '../__fixtures__/scheduler-machine.ts'
import { openLimitStore } from './sql-limit-store.ts'

const DAY = 86_400_000
const MINUTE = 60_000

/** A store whose clock is set by hand. */
function storeAt(start: number, limits: Partial<SchedulerLimits> = {}) {
  const clock = { at: start, now: () => clock.at }
  const { database } = machine()
  const store = openLimitStore({ database, clock, limits: { ...DEFAULT_SCHEDULER_LIMITS, ...limits }, record() {} })
  const admitted = (owner: string) => store.admit(owner).started.map(({ call_id }) => call_id)
  return { clock, store, admitted }
}

describe('when the clock goes back by a day', () => {
  it('a provider’s rate fills up from then on', () => {
    const { clock, store, admitted } = storeAt(DAY, { rate_limit_requests_per_minute: 1 })
    store.enqueue('one', callOf({ call_id: 'first' }))
    expect(admitted('one')).toEqual(['first'])
    store.finish('first', 10)
    clock.at = 0
    store.enqueue('two', callOf({ call_id: 'second' }))
    expect(admitted('two')).toEqual([])
    clock.at = MINUTE - 1
    expect(admitted('two')).toEqual([])
    clock.at = MINUTE
    expect(admitted('two')).toEqual(['second'])
  })

  it('the slot of a process that is silent is free after its lease', () => {
    const { clock, store, admitted } = storeAt(DAY, { max_concurrent_sessions_global: 1 })
    store.enqueue('silent', callOf({ call_id: 'lost' }))
    expect(admitted('silent')).toEqual(['lost'])
    clock.at = 0
    store.enqueue('two', callOf({ call_id: 'waits' }))
    expect(admitted('two')).toEqual([])
    clock.at = 30_001
    expect(admitted('two')).toEqual(['waits'])
  })

  it('newcomers do not pass those who waited already', () => {
    const { clock, store, admitted } = storeAt(DAY, { max_concurrent_sessions_global: 1 })
    for (const call_id of ['runs', 'waits']) store.enqueue('one', callOf({ call_id }))
    expect(admitted('one')).toEqual(['runs'])
    clock.at = 0
    expect(admitted('one')).toEqual([])
    clock.at = 2_000
    store.enqueue('one', callOf({ call_id: 'new' }))
    store.finish('runs', undefined)
    expect(admitted('one')).toEqual(['waits'])
  })
})
