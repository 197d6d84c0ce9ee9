import type { SwapFailureReason } from '@ctxlock/contracts/model-swap'
import type { ModelSwapPolicy } from '@ctxlock/contracts/micro-task-run'

import type { Deadline } from './deadline.ts'
import { demandFits, demandWithin, sumOf, type ExpectedMemory } from './memory-budget.ts'
import { demandState } from './state-check.ts'
import { asSwapFailure, SwapFailure } from './swap-failure.ts'
import type { BoundContext, HeldCalls, SwapPorts } from './swap-ports.ts'
import type { SwapProgress } from './swap-progress.ts'

interface SwapRun {
  readonly policy: ModelSwapPolicy
  readonly deadline: Deadline
  readonly held: HeldCalls
}

/** Calls that are under way may end by themselves for so long (spec 07 section 3). */
const DRAIN_MS = 30_000

/** The way to the target: each state is on record before its work begins. Throws `SwapFailure`. */
export async function carryOut<Compiled>(
  ports: SwapPorts<Compiled>,
  progress: SwapProgress,
  { policy, deadline, held }: SwapRun,
): Promise<BoundContext> {
  const { state, models, context } = ports
  const { request } = progress
  const { current_model_id: current, target_model_id: target } = request

  progress.enter('persisting')
  await attempt('state_missing', 'The state of the work could not be stored.', (signal) =>
    state.persist(request, signal),
  )

  progress.enter('verifying', 'persisted')
  demandState(state, request)

  progress.enter('draining')
  await attempt('drain_failed', 'The calls that were under way did not end.', drain)

  progress.enter('unloading', 'drained')
  const memory = await attempt('load_failed', 'The size of the model could not be asked for.', expectedMemory)
  demandFits(memory, request)
  if (request.swap_strategy === 'disk_offload') {
    progress.warnings.push('The server keeps no weights on disk for us: unloaded instead (SWAP-010).')
  }
  if (!keepsBoth()) {
    await attempt('unload_failed', 'The current model could not be unloaded.', (signal) =>
      models.unload(current, signal),
    )
  }

  progress.enter('loading', 'offloaded')
  await attempt('load_failed', 'The target could not be loaded.', (signal) => models.load(target, signal))
  await attempt('not_ready', 'The target does not say what it takes, or does not answer.', async (signal) => {
    if (!(await models.isReady(target, signal)))
      throw new SwapFailure('not_ready', 'The target is loaded and not ready.')
    await measure(memory, signal)
  })

  progress.enter('compiling', 'loaded')
  const compiled = await attempt('compile_failed', 'The context of the target could not be compiled.', (signal) =>
    context.compile(request, signal),
  )

  progress.enter('binding', 'compiled')
  const bound = await attempt('pack_missing', 'The packs of the target could not be bound.', (signal) =>
    context.bind(request, compiled, signal),
  )

  progress.enter('resuming', 'bound')
  await attempt('resume_failed', 'The work could not go on.', (signal) => context.resume(request, bound, signal))
  return bound

  /** One step inside the deadline. Whatever a port throws becomes a failure of this step. */
  async function attempt<Result>(
    reason: SwapFailureReason,
    message: string,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await deadline.race(work)
    } catch (error) {
      throw asSwapFailure(error, reason, message)
    }
  }

  async function drain(): Promise<void> {
    const stop = ports.timers.after(DRAIN_MS, () => held.abort())
    try {
      await held.idle
    } finally {
      stop()
    }
  }

  function keepsBoth(): boolean {
    return request.swap_strategy === 'keep_hot_swap' && current !== target
  }

  async function expectedMemory(signal: AbortSignal): Promise<ExpectedMemory> {
    const together = keepsBoth() ? [current, target] : [target]
    return {
      sizes: await Promise.all(together.map((model) => models.sizeMb(model, signal))),
      measurable: !(await Promise.all(together.map((model) => models.isMeasurable(model)))).includes(false),
      allowUnmeasured: policy.allow_unmeasured_models === true,
    }
  }

  async function measure(memory: ExpectedMemory, signal: AbortSignal): Promise<void> {
    if (!memory.measurable) return
    const ofTarget = await models.measure(target, signal)
    progress.measuredVramMb = ofTarget?.vramMb
    const others = keepsBoth() ? [await models.measure(current, signal)] : []
    demandWithin(sumOf([ofTarget, ...others]), memory, request)
  }
}
