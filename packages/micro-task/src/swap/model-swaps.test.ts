import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  LARGE,
  SMALL,
  swapRequest,
  swapWorld,
  uuid,
  type PortStep,
  type SwapWorld,
} from '../__fixtures__/swap-world.ts'
import { createModelSwaps, type SwapOptions } from './model-swaps.ts'
import { SwapFailure } from './swap-failure.ts'
import { DEFAULT_SWAP_POLICY } from './swap-policy.ts'

const SEED = 20_261_122
const STEPS: readonly PortStep[] = [
  'persist',
  'size',
  'unload',
  'load',
  'ready',
  'measure',
  'compile',
  'bind',
  'resume',
]

function swap(world: SwapWorld, changes: Parameters<typeof swapRequest>[0] = {}, options: Partial<SwapOptions> = {}) {
  const swaps = createModelSwaps(world.ports)
  return world.time.run(swaps.swap(swapRequest(changes), { policy: DEFAULT_SWAP_POLICY, ...options }))
}

const idsOf = (world: SwapWorld) => world.events.map(({ fr_event_id }) => fr_event_id.replace('FR-EVT-', ''))
const endsOf = (world: SwapWorld) => idsOf(world).filter((id) => /^MODEL-00[234]$/.test(id))

describe('a change of model', () => {
  it('takes the states in order, each on record before its work, and ends with hashes of both packs', async () => {
    const world = swapWorld()
    const report = await swap(world)
    expect(report).toMatchObject({ outcome: 'success', model_id: LARGE, rolled_back: null, measured_vram_mb: 20_000 })
    expect(report.phases.map(({ name }) => name)).toEqual([
      'persisted',
      'drained',
      'offloaded',
      'loaded',
      'compiled',
      'bound',
      'resumed',
    ])
    expect(idsOf(world)).toEqual(['MODEL-001', ...Array(7).fill('X-SWAP-001'), 'MODEL-002'])
    expect(world.events.at(-1)?.payload).toMatchObject({
      requested_pack_hashes: report.requested_pack_hashes,
      effective_pack_hashes: report.effective_pack_hashes,
    })
    expect(world.steps).toEqual(STEPS)
    expect([...world.loaded]).toEqual([LARGE])
    expect(world.reports).toEqual([report])
    expect(world.held).toBe(false)
  })

  it('does nothing when the request cannot be recorded', async () => {
    const world = swapWorld()
    world.beforeWrite = () => {
      throw new Error('disk full')
    }
    await expect(swap(world)).rejects.toThrow('disk full')
    expect(world.steps).toEqual([])
    expect(world.ports.journal.find(uuid(1))).toBeUndefined()
  })

  it('returns the recorded report for the same id, shares a swap that is under way, and refuses the id for another', async () => {
    const world = swapWorld()
    const swaps = createModelSwaps(world.ports)
    const options = { policy: DEFAULT_SWAP_POLICY }
    const both = Promise.all([swaps.swap(swapRequest(), options), swaps.swap(swapRequest(), options)])
    const [first, second] = await world.time.run(both)
    expect(second).toEqual(first)
    const again = await createModelSwaps(world.ports).swap(swapRequest(), options)
    expect(again).toEqual(first)
    expect(world.steps).toEqual(STEPS)
    const other = swaps.swap(swapRequest({ target_model_id: 'coder:14b' }), options)
    await expect(other).rejects.toMatchObject({ code: 'SWAP_REQUEST_REUSED' })
  })

  it('refuses a request with members it does not know, before anything is recorded', async () => {
    const world = swapWorld()
    const request = { ...swapRequest(), shard: 2 }
    const given = createModelSwaps(world.ports).swap(request, { policy: DEFAULT_SWAP_POLICY })
    await expect(given).rejects.toMatchObject({ code: 'SWAP_REQUEST_INVALID' })
    expect(world.events).toEqual([])
  })

  it.each([
    ['another tier', {}, {}, { reason: 'tier_changed', message: 'cloud' }, 'JobBoundaryViolation', 'tier_changed'],
    [
      'a model the profile forbids',
      {},
      {},
      { reason: 'model_not_permitted', message: 'no' },
      'CX-MM-003',
      'model_not_permitted',
    ],
    ['no swaps at all', {}, { allow_swaps: false }, undefined, 'CX-MM-003', 'swaps_not_allowed'],
    ['one swap too many', {}, { max_swaps_per_job: 0 }, undefined, 'CX-MM-003', 'swap_limit'],
    ['more time than allowed', { timeout_ms: 120_001 }, {}, undefined, 'CX-MM-003', 'timeout_above_policy'],
    ['the model it has', { target_model_id: SMALL }, {}, undefined, 'CX-MM-003', 'same_model'],
  ] as const)('refuses %s without touching anything', async (_, changes, policy, refusal, code, reason) => {
    const world = swapWorld()
    world.refusal = refusal
    const report = await swap(world, changes, { policy: { ...DEFAULT_SWAP_POLICY, ...policy } })
    expect(report).toMatchObject({ outcome: 'failure', model_id: SMALL, rolled_back: null, error: { code, reason } })
    expect(idsOf(world)).toEqual(['MODEL-001', 'MODEL-003'])
    expect(world.steps).toEqual([])
  })

  it.each([
    ['was changed', 'other', 'state_hash_mismatch'],
    ['is gone', undefined, 'state_missing'],
  ])('T-MODEL-001: does not unload when the state %s', async (_, state, reason) => {
    const world = swapWorld()
    world.state = state
    expect(await swap(world)).toMatchObject({ error: { reason }, model_id: SMALL })
    expect(world.steps).toEqual(['persist'])
  })

  it('waits thirty seconds for calls that are under way, then aborts them', async () => {
    const world = swapWorld()
    world.inFlight = 2
    const report = await swap(world)
    expect(world.aborted).toBe(2)
    expect(report.phases.find(({ name }) => name === 'drained')?.duration_ms).toBe(30_000)
  })

  it.each(STEPS)(
    'T-MODEL-004: ends by its deadline when %s never answers, and brings the model back',
    async (hanging) => {
      const world = swapWorld()
      world.trouble = (step, model) => (step === hanging && model !== SMALL ? new Promise(() => {}) : undefined)
      const began = world.time.clock.monotonic()
      const report = await swap(world, { timeout_ms: 5_000 })
      const [end] = endsOf(world)
      if (hanging === 'unload') return expect(report.outcome).toBe('success')
      expect(end).toBe('MODEL-004')
      expect(world.time.clock.monotonic() - began).toBeLessThanOrEqual(5_000)
      expect(report).toMatchObject({
        outcome: 'timeout',
        model_id: SMALL,
        error: { code: 'CX-MM-003', reason: 'deadline' },
      })
      expect(world.loaded).toEqual(new Set([SMALL]))
    },
  )
})

describe('the budget of memory (T-MODEL-002)', () => {
  it('refuses what does not fit before it is loaded, and rolls back', async () => {
    const world = swapWorld()
    const report = await swap(world, { max_vram_mb: 10_000 })
    expect(report).toMatchObject({ model_id: SMALL, rolled_back: true, error: { reason: 'budget_exceeded' } })
    expect(world.peakMb).toBe(5_000)
    expect(idsOf(world).filter((id) => id.startsWith('MODEL'))).toEqual(['MODEL-001', 'MODEL-003', 'MODEL-005'])
  })

  it('unloads what turns out larger than was declared', async () => {
    const world = swapWorld()
    world.trouble = (step, model) => {
      if (step === 'measure' && model === LARGE) world.sizes.set(LARGE, 30_000)
    }
    expect(await swap(world)).toMatchObject({
      rolled_back: true,
      error: { reason: 'budget_exceeded' },
      measured_vram_mb: 30_000,
    })
    expect(world.loaded).toEqual(new Set([SMALL]))
  })

  it('keeps both only where the sum fits, and never changes the strategy', async () => {
    const tight = swapWorld()
    expect(await swap(tight, { swap_strategy: 'keep_hot_swap', max_vram_mb: 22_000 })).toMatchObject({
      error: { reason: 'budget_exceeded' },
    })
    const roomy = swapWorld()
    expect(await swap(roomy, { swap_strategy: 'keep_hot_swap', max_vram_mb: 25_000 })).toMatchObject({
      outcome: 'success',
    })
    expect(roomy.loaded).toEqual(new Set([SMALL, LARGE]))
  })

  it('takes a model nobody measures only where the policy says so', async () => {
    const unmeasured = () => {
      const world = swapWorld()
      world.sizes.delete(LARGE)
      return world
    }
    expect(await swap(unmeasured())).toMatchObject({ error: { reason: 'unmeasured_model' }, rolled_back: true })
    const policy = { ...DEFAULT_SWAP_POLICY, allow_unmeasured_models: true }
    expect(await swap(unmeasured(), {}, { policy })).toMatchObject({ outcome: 'success' })
  })

  it('goes by the size that is declared where the server reports none, all of it as VRAM', async () => {
    const silent = () => {
      const world = swapWorld()
      world.trouble = (step, model) => {
        if (step === 'measure' && model === LARGE) world.sizes.delete(LARGE)
      }
      return world
    }
    expect(await swap(silent())).toMatchObject({ outcome: 'success' })
    const split = { max_vram_mb: 15_000, max_ram_mb: 15_000 }
    expect(await swap(silent(), split)).toMatchObject({ rolled_back: true, error: { reason: 'budget_exceeded' } })
  })

  it('says that nothing is kept on disk', async () => {
    const report = await swap(swapWorld(), { swap_strategy: 'disk_offload' })
    expect(report.warnings).toEqual([expect.stringContaining('SWAP-010')])
  })
})

describe('a swap that fails or is interrupted', () => {
  it.each(STEPS.slice(2))('rolls back when %s fails, under the name of that step', async (failing) => {
    const world = swapWorld()
    world.trouble = (step, model) => {
      if (step === failing && (model !== SMALL || step === 'unload')) throw new Error('server says secret things')
    }
    const report = await swap(world)
    expect(report).toMatchObject({ outcome: 'failure', rolled_back: true, model_id: SMALL })
    expect(JSON.stringify([report, world.events])).not.toContain('secret things')
    expect(world.loaded).toEqual(new Set([SMALL]))
  })

  it('repeats the reason of a port that names one', async () => {
    const world = swapWorld()
    world.trouble = (step) => {
      if (step === 'bind') throw new SwapFailure('constraints_weakened', 'A rule is gone.')
    }
    expect(await swap(world)).toMatchObject({ error: { code: 'PACK_CONSTRAINTS_WEAKENED' }, rolled_back: true })
  })

  it('ends with no model when the previous one does not come back', async () => {
    const world = swapWorld()
    world.trouble = (step) => {
      if (step === 'load') throw new Error('out of memory')
    }
    expect(await swap(world)).toMatchObject({ rolled_back: false, model_id: null })
    expect(idsOf(world)).not.toContain('MODEL-005')
  })

  it('rolls back when the job is cancelled', async () => {
    const world = swapWorld()
    const job = new AbortController()
    world.trouble = (step) => (step === 'compile' ? job.abort() : undefined)
    expect(await swap(world, {}, { signal: job.signal })).toMatchObject({
      error: { reason: 'cancelled' },
      rolled_back: true,
    })
  })

  // The seven phases and the end, each cut off when it is to be written down.
  it.each([2, 3, 4, 5, 6, 7, 8, 9])(
    'T-X-SWAP-01: cut off at record %i it is rolled back by the next process, and may be asked for again',
    async (crashAt) => {
      const world = swapWorld()
      world.beforeWrite = (write) => {
        if (write === crashAt) throw new Error('crash')
      }
      await expect(swap(world)).rejects.toThrow('crash')
      expect(endsOf(world)).toEqual([])
      await world.time.run(createModelSwaps(world.ports).recover())
      expect(world.reports).toMatchObject([{ outcome: 'failure', model_id: SMALL, rolled_back: true }])
      expect(idsOf(world).filter((id) => id.startsWith('MODEL'))).toEqual(['MODEL-001', 'MODEL-003', 'MODEL-005'])
      expect(world.loaded).toEqual(new Set([SMALL]))
      expect(await swap(world, { request_id: uuid(2) })).toMatchObject({ outcome: 'success', model_id: LARGE })
    },
  )

  it(`T-MODEL-005: ends once, with the model it names loaded, whatever fails, hangs or crashes where (seed ${SEED})`, async () => {
    const trouble = fc.record({
      step: fc.constantFrom(...STEPS, 'rebind' as const),
      kind: fc.constantFrom('fails', 'hangs', 'none'),
      crashAt: fc.integer({ min: 1, max: 12 }),
      crashAgainAt: fc.integer({ min: 1, max: 20 }),
      keepHot: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(trouble, async ({ step: bad, kind, crashAt, crashAgainAt, keepHot }) => {
        const world = swapWorld()
        world.trouble = (step) => {
          if (step !== bad || kind === 'none') return undefined
          if (kind === 'hangs') return new Promise(() => {})
          throw new Error('failed')
        }
        world.beforeWrite = (write) => {
          if (write === crashAt || write === crashAgainAt) throw new Error('crash')
        }
        const changes = { swap_strategy: keepHot ? 'keep_hot_swap' : 'unload_reload', max_vram_mb: 26_000 } as const
        await swap(world, changes).catch(() => undefined)
        for (let process = 0; process < 3 && world.ports.journal.unfinished().length > 0; process += 1) {
          await world.time.run(createModelSwaps(world.ports).recover()).catch(() => undefined)
        }
        const entry = world.ports.journal.find(uuid(1))
        if (!entry) {
          expect(world.events).toEqual([])
          return
        }
        expect(idsOf(world)[0]).toBe('MODEL-001')
        expect(entry.report).toBeDefined()
        const { model_id = null, outcome, rolled_back } = entry.report ?? {}
        if (model_id !== null) expect(world.loaded.has(model_id)).toBe(true)
        if (outcome === 'success') expect(model_id).toBe(LARGE)
        expect(endsOf(world)).toHaveLength(1)
        expect(idsOf(world).includes('MODEL-005')).toBe(rolled_back === true)
        expect(world.peakMb).toBeLessThanOrEqual(26_000)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
})
