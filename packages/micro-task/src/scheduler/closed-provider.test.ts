import { describe, expect, it } from 'vitest'

import { callOf, grants, lasting, machine, schedulerOn, type Machine } from '../__fixtures__/scheduler-machine.ts'

/** A call that its provider refuses at once, for so long. */
const refused = (milliseconds: number) => ({
  async make(_: AbortSignal, limited: (milliseconds: number) => void): Promise<void> {
    limited(milliseconds)
  },
  usedTokens: () => undefined,
})

const grantedAt = (world: Machine) => grants(world).map(({ at, call }) => [call.call_id, at])

describe('a provider that takes no calls for a while', () => {
  it('gets none from anybody until then, and others get theirs', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world, {}, 'one')
    const other = schedulerOn(world, {}, 'two')
    await world.time.run(scheduler.run(callOf({ call_id: 'first' }), refused(7_000)))
    const waits = [scheduler, other.scheduler].map((each, index) =>
      each.run(callOf({ call_id: `waits-${index}`, model_id: `model-${index}` }), lasting(world.time, 1)),
    )
    const elsewhere = scheduler.run(callOf({ call_id: 'elsewhere', provider_id: 'far' }), lasting(world.time, 1))
    await world.time.run(Promise.all([...waits, elsewhere]))
    expect(grantedAt(world)).toEqual([
      ['first', 0],
      ['elsewhere', 0],
      ['waits-0', 7_000],
      // The other process looks again every 250 ms.
      ['waits-1', 7_250],
    ])
    // What the next one waits for is on record once, however often somebody looked.
    const limited = world.events.filter(({ event }) => event.type === 'session_scheduler.rate_limited')
    expect(limited.map(({ call, event }) => [call.call_id, event.payload])).toEqual([
      ['waits-0', expect.objectContaining({ backoff_ms: 7_000, attempt: 1 })],
    ])
  })

  it('is not closed for less by a later answer, nor for longer than five minutes by any', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    await world.time.run(scheduler.run(callOf(), refused(Number.MAX_SAFE_INTEGER)))
    const slow = schedulerOn(world, {}, 'two').store
    slow.close('ollama', 10)
    await world.time.run(scheduler.run(callOf({ call_id: 'next' }), lasting(world.time, 1)))
    expect(grantedAt(world).at(-1)).toEqual(['next', 300_000])
  })

  it('is open when the clock has gone back since', async () => {
    const world = machine()
    const { scheduler } = schedulerOn(world)
    world.database
      .prepare('INSERT INTO scheduler_closed VALUES (?, ?)')
      .run('ollama', world.time.clock.now() + 86_400_000)
    await world.time.run(scheduler.run(callOf({ call_id: 'next' }), lasting(world.time, 1)))
    expect(grantedAt(world)).toEqual([['next', 0]])
  })
})
