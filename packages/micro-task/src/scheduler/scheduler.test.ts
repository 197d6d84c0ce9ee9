import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { DEFAULT_SCHEDULER_LIMITS, LANES, type ScheduledCall, type SchedulerLimits } from '@ctxlock/contracts/scheduler'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { callOf, grants, lasting, machine, schedulerOn } from '../__fixtures__/scheduler-machine.ts'
import { openLimitStore } from './sql-limit-store.ts'

const SEED = 20_261_122
const MINUTE = 60_000

describe('a scheduler of model calls', () => {
  it('queues what is over a limit, shows it as QUEUED, and drops nothing', async () => {
    const world = machine()
    const { scheduler, store } = schedulerOn(world, { max_concurrent_sessions_global: 1 })
    const all = [1, 2, 3].map(() => scheduler.run(callOf(), lasting(world.time, 1_000)))
    expect(store.calls().map(({ state }) => state)).toEqual(['RUNNING', 'QUEUED', 'QUEUED'])
    await world.time.run(Promise.all(all))
    expect(grants(world).map(({ at }) => at)).toEqual([0, 1_000, 2_000])
    expect(store.calls()).toEqual([])
  })

  it('T-MT-14: of twenty jobs never more than two call one model, none is dropped, and the primary lane goes first', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    let [now, most] = [0, 0]
    const jobs = (['BACKGROUND', 'PRIMARY'] as const).flatMap((lane) =>
      [...Array(10)].map(() => {
        const { make, ...rest } = lasting(world.time, 100)
        const counted = async () => {
          most = Math.max(most, (now += 1))
          await make()
          now -= 1
        }
        return scheduler.run(callOf({ lane }), { ...rest, make: counted })
      }),
    )
    await world.time.run(Promise.all(jobs))
    expect(DEFAULT_SCHEDULER_LIMITS.max_concurrent_sessions_per_model).toBe(2)
    expect(most).toBe(2)
    const lanes = grants(world).map(({ call }) => call.lane)
    expect(lanes).toHaveLength(20)
    // The one that was there first, and one more by its share of the lanes that wait.
    expect(lanes.slice(0, lanes.lastIndexOf('PRIMARY')).filter((lane) => lane === 'BACKGROUND')).toHaveLength(2)
  })

  it('makes one call of a session at a time', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    const calls = [1, 2].map(() => scheduler.run(callOf({ session_id: 'same' }), lasting(world.time, 500)))
    await world.time.run(Promise.all(calls))
    expect(grants(world).map(({ at }) => at)).toEqual([0, 500])
  })

  it('keeps a slot for the primary lane while long calls run in the background', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    const background = [1, 2, 3].map(() => scheduler.run(callOf({ lane: 'BACKGROUND' }), lasting(world.time, MINUTE)))
    const primary = scheduler.run(callOf(), lasting(world.time, 10))
    await world.time.run(primary)
    expect(world.time.clock.monotonic()).toBe(10)
    await world.time.run(Promise.all(background))
  })

  it('waits for the rate of a provider by a time that is computed and recorded once', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world, { rate_limit_tokens_per_minute: 6_000 })
    await world.time.run(scheduler.run(callOf({ tokens: 6_000 }), lasting(world.time, 0, 6_000)))
    await world.time.run(scheduler.run(callOf({ tokens: 600 }), lasting(world.time, 0, 600)))
    expect(grants(world).map(({ at }) => at)).toEqual([0, 6_000])
    const limited = world.events.filter(({ event }) => event.type === 'session_scheduler.rate_limited')
    expect(limited.map(({ event }) => event.payload)).toEqual([
      expect.objectContaining({ backoff_ms: 6_000, attempt: 1 }),
    ])
  })

  it('gives back what a call did not use, and charges what it used beyond its estimate', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world, { rate_limit_tokens_per_minute: 6_000 })
    await world.time.run(scheduler.run(callOf({ tokens: 6_000 }), lasting(world.time, 0, 1_000)))
    await world.time.run(scheduler.run(callOf({ tokens: 5_000 }), lasting(world.time, 0, 8_000)))
    expect(world.time.clock.monotonic()).toBe(0)
    await world.time.run(scheduler.run(callOf({ tokens: 100 }), lasting(world.time, 0)))
    expect(grants(world).at(-1)?.at).toBe(31_000)
  })

  it('makes a call that is larger than a minute’s worth, and lets nobody small pass it for ever', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world, { rate_limit_tokens_per_minute: 1_000 })
    const first = scheduler.run(callOf({ tokens: 1_000 }), lasting(world.time, 0))
    const large = scheduler.run(callOf({ tokens: 50_000 }), lasting(world.time, 0))
    const small = [...Array(20)].map(() => scheduler.run(callOf({ tokens: 10, priority: 51 }), lasting(world.time, 0)))
    await world.time.run(Promise.all([first, large]))
    expect(world.time.clock.monotonic()).toBe(MINUTE)
    await world.time.run(Promise.all(small))
  })

  it('cancels: a waiting call leaves the queue with its event, a running one hears its signal', async () => {
    const world = machine()
    const { scheduler, store } = schedulerOn(world, { max_concurrent_sessions_global: 1 })
    const stop = new AbortController()
    const heard = scheduler.run(callOf(), {
      make: (signal) =>
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      usedTokens: () => undefined,
      signal: stop.signal,
    })
    const waits = scheduler.run(callOf({ call_id: 'waits' }), { ...lasting(world.time, 1), signal: stop.signal })
    const failed = [expect(heard).rejects.toThrow('enough'), expect(waits).rejects.toThrow('enough')]
    await world.time.pass(1)
    stop.abort(new Error('enough'))
    await Promise.all(failed)
    expect(store.calls()).toEqual([])
    expect(world.events.at(-1)).toMatchObject({
      event: { fr_event_id: 'FR-EVT-SESS-SCHED-004' },
      call: { call_id: 'waits' },
    })
  })

  it('holds back the calls to one model, says when the last one ended, and goes on after the release', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    const under = scheduler.run(callOf(), lasting(world.time, 300))
    const hold = scheduler.hold('coder:7b')
    const held = scheduler.run(callOf({ call_id: 'held' }), lasting(world.time, 1))
    const other = scheduler.run(callOf({ model_id: 'coder:32b' }), lasting(world.time, 1))
    await world.time.run(Promise.all([hold.idle, under, other]))
    expect(world.time.clock.monotonic()).toBe(300)
    await world.time.pass(5_000)
    expect(grants(world).map(({ call }) => call.call_id)).not.toContain('held')
    hold.release()
    await world.time.run(held)
  })

  it('ends the calls that are under way when a swap waits no longer', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    const never = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))
    const call = scheduler.run(callOf(), { make: never, usedTokens: () => undefined })
    await world.time.pass(1)
    const hold = scheduler.hold('coder:7b')
    hold.abort()
    await expect(call).rejects.toThrow('ended')
    await hold.idle
  })

  it('fails everybody who waits when the store is gone', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world, { max_concurrent_sessions_global: 1 })
    const first = scheduler.run(callOf(), lasting(world.time, 10))
    const second = scheduler.run(callOf(), lasting(world.time, 10))
    first.catch(() => {})
    second.catch(() => {})
    await world.time.pass(0)
    world.database.close()
    await expect(world.time.run(second)).rejects.toThrow()
  })
})

describe('several processes on one store', () => {
  it('share the limits, and the slot of a process that died is free after its lease', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ctxlock-scheduler-'))
    try {
      const first = machine(join(folder, 'state.db'))
      const second = { ...first, database: new DatabaseSync(join(folder, 'state.db')) }
      const limits = { max_concurrent_sessions_global: 1 }
      const one = schedulerOn(first, limits, 'one')
      const two = schedulerOn(second, limits, 'two')
      void one.scheduler.run(callOf(), { make: () => new Promise(() => {}), usedTokens: () => undefined })
      const waits = two.scheduler.run(callOf({ call_id: 'two' }), lasting(first.time, 1))
      await first.time.pass(MINUTE)
      expect(two.store.calls().map(({ state }) => state)).toEqual(['RUNNING', 'QUEUED'])
      one.scheduler.close()
      const closed = first.time.clock.monotonic()
      await first.time.run(waits)
      expect(first.time.clock.monotonic() - closed).toBeLessThanOrEqual(30_300)
      first.database.close()
      second.database.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('free the slot of a process at once where the host knows that it has gone', async () => {
    const world = machine()
    const limits = { ...DEFAULT_SCHEDULER_LIMITS, max_concurrent_sessions_global: 1 }
    const gone = new Set<string>()
    const { time, database } = world
    const store = openLimitStore({
      database,
      clock: time.clock,
      limits,
      record() {},
      isGone: (owner) => gone.has(owner),
    })
    store.enqueue('killed', callOf())
    expect(store.admit('killed').started).toHaveLength(1)
    store.enqueue('two', callOf({ call_id: 'mine' }))
    expect(store.admit('two').started).toEqual([])
    gone.add('killed')
    expect(store.admit('two').started).toMatchObject([{ call_id: 'mine' }])
  })

  it('hold a model back for each other: nobody starts a call to it, and the calls of all are waited for', async () => {
    const world = machine()
    const [one, two] = [schedulerOn(world, {}, 'one'), schedulerOn(world, {}, 'two')]
    const under = two.scheduler.run(callOf({ call_id: 'under' }), lasting(world.time, 300))
    const hold = one.scheduler.hold('coder:7b')
    const held = two.scheduler.run(callOf({ call_id: 'held' }), lasting(world.time, 1))
    const other = two.scheduler.run(callOf({ call_id: 'other', model_id: 'coder:32b' }), lasting(world.time, 1))
    await world.time.run(Promise.all([hold.idle, under, other]))
    // The other process tells by the store, which is looked at every 250 ms.
    expect(world.time.clock.monotonic()).toBe(500)
    // Longer than a lease: whoever holds says that it lives, though it calls nobody.
    await world.time.pass(2 * MINUTE)
    expect(grants(world).map(({ call }) => call.call_id)).toEqual(['under', 'other'])
    hold.release()
    await world.time.run(held)
  })

  it('are not held back by one that died, nor waited for when it did', async () => {
    const world = machine()
    const [one, two] = [schedulerOn(world, {}, 'one'), schedulerOn(world, {}, 'two')]
    void one.scheduler.run(callOf(), { make: () => new Promise(() => {}), usedTokens: () => undefined })
    one.scheduler.hold('coder:32b')
    one.scheduler.close()
    const hold = two.scheduler.hold('coder:7b')
    const call = two.scheduler.run(callOf({ model_id: 'coder:32b' }), lasting(world.time, 1))
    await world.time.run(Promise.all([hold.idle, call]))
    expect(world.time.clock.monotonic()).toBeLessThanOrEqual(30_300)
  })

  it('do not wait for each other once a swap has waited long enough', async () => {
    const world = machine()
    const [one, two] = [schedulerOn(world, {}, 'one'), schedulerOn(world, {}, 'two')]
    const ended = vi.fn<() => void>()
    const never = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))
    const own = one.scheduler.run(callOf(), { make: never, usedTokens: () => undefined })
    const foreign = two.scheduler.run(callOf(), { make: never, usedTokens: () => undefined })
    foreign.catch(ended)
    await world.time.pass(1)
    const hold = one.scheduler.hold('coder:7b')
    hold.abort()
    await expect(own).rejects.toThrow('ended')
    await hold.idle
    await world.time.pass(MINUTE)
    expect(ended).not.toHaveBeenCalled()
    hold.release()
    one.scheduler.close()
    two.scheduler.close()
  })

  it('fail a swap that waits when the store is gone', async () => {
    const world = machine()
    const [one, two] = [schedulerOn(world, {}, 'one'), schedulerOn(world, {}, 'two')]
    void two.scheduler.run(callOf(), { make: () => new Promise(() => {}), usedTokens: () => undefined })
    const { idle } = one.scheduler.hold('coder:7b')
    two.scheduler.close()
    world.database.close()
    await expect(world.time.run(idle)).rejects.toThrow()
  })

  it('take a call up again by its id, in its old place, and refuse the id for another call', () => {
    const world = machine()
    const { store } = schedulerOn(world)
    store.enqueue('dead', callOf({ call_id: 'again' }))
    store.enqueue('one', callOf({ call_id: 'later' }))
    store.enqueue('one', callOf({ call_id: 'again' }))
    expect(store.calls().map(({ call_id }) => call_id)).toEqual(['again', 'later'])
    const reused = () => store.enqueue('one', callOf({ call_id: 'again', tokens: 1 }))
    expect(reused).toThrow(expect.objectContaining({ code: 'CALL_REUSED' }))
  })
})

describe('whatever is asked for when', () => {
  const asked = fc.array(
    fc.record({
      at: fc.nat(20_000),
      lane: fc.constantFrom(...LANES),
      provider: fc.constantFrom('ollama', 'llamacpp'),
      model: fc.constantFrom('a', 'b', 'c'),
      priority: fc.nat(100),
      tokens: fc.integer({ min: 1, max: 4_000 }),
      lasts: fc.nat(3_000),
      owner: fc.constantFrom('one', 'two'),
    }),
    { minLength: 1, maxLength: 40 },
  )
  const LIMITS: SchedulerLimits = {
    max_concurrent_sessions_global: 3,
    max_concurrent_sessions_per_provider: 2,
    max_concurrent_sessions_per_model: 2,
    rate_limit_requests_per_minute: 60,
    rate_limit_tokens_per_minute: 30_000,
  }

  async function play(calls: readonly (typeof asked extends fc.Arbitrary<infer All> ? All : never)[number][]) {
    const world = machine()
    const schedulers = { one: schedulerOn(world, LIMITS, 'one'), two: schedulerOn(world, LIMITS, 'two') }
    let now: ScheduledCall[] = []
    let most = { global: 0, provider: 0, model: 0 }
    const runs = calls.map(({ at, lane, provider, model, priority, tokens, lasts, owner }, index) => {
      const call = callOf({ call_id: `${index}`, provider_id: provider, model_id: model, lane, priority, tokens })
      const start = new Promise<void>((resolve) => void world.time.timers.after(at, resolve))
      return start.then(() =>
        schedulers[owner].scheduler.run(call, {
          async make() {
            now = [...now, call]
            const same = now.filter(({ provider_id }) => provider_id === provider)
            most = {
              global: Math.max(most.global, now.length),
              provider: Math.max(most.provider, same.length),
              model: Math.max(most.model, same.filter(({ model_id }) => model_id === model).length),
            }
            await lasting(world.time, lasts).make()
            now = now.filter((other) => other !== call)
          },
          usedTokens: () => tokens,
        }),
      )
    })
    await world.time.run(Promise.all(runs))
    return { world, most }
  }

  it(`every call is made, no limit is passed, the rate holds over any time (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (calls) => {
        const { world, most } = await play(calls)
        expect(grants(world)).toHaveLength(calls.length)
        expect(most.global).toBeLessThanOrEqual(3)
        expect(most.provider).toBeLessThanOrEqual(2)
        expect(most.model).toBeLessThanOrEqual(2)
        for (const provider of ['ollama', 'llamacpp']) {
          const made = grants(world).filter(({ call }) => call.provider_id === provider)
          made.forEach(({ at: from }, first) => {
            let tokens = 0
            made.slice(first).forEach(({ at, call }, index) => {
              expect(index + 1).toBeLessThanOrEqual(60 + ((at - from) * 60) / MINUTE + 1)
              expect(tokens).toBeLessThanOrEqual(30_000 + ((at - from) * 30_000) / MINUTE + 1)
              tokens += call.tokens
            })
          })
        }
      }),
      { seed: SEED, numRuns: 150 },
    )
  })

  it(`the same asks give the same log (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (calls) => {
        const [first, second] = [await play(calls), await play(calls)]
        expect(second.world.events).toEqual(first.world.events)
      }),
      { seed: SEED, numRuns: 10 },
    )
  })

  it('a flood of one lane passes no call of another lane more often than its share allows', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world, { max_concurrent_sessions_global: 1 })
    const flood = LANES.flatMap((lane) =>
      [...Array(30)].map(() => scheduler.run(callOf({ lane }), lasting(world.time, 10))),
    )
    await world.time.run(Promise.all(flood))
    const order = grants(world).map(({ call }) => call.lane)
    const shares = [8, 4, 2, 1]
    LANES.forEach((lane, index) => {
      const first30 = order.slice(0, 30).filter((other) => other === lane).length
      expect(Math.abs(first30 - 2 * (shares[index] ?? 0))).toBeLessThanOrEqual(1)
    })
    const primaries = order.flatMap((lane, place) => (lane === 'PRIMARY' ? [place] : []))
    primaries.slice(1).forEach((place, index) => expect(place - (primaries[index] ?? 0)).toBeLessThanOrEqual(4))
  })
})
