import type { SwapReport } from '@ctxlock/contracts/model-swap'

import { startDeadline, type Deadline } from './deadline.ts'
import { demandState } from './state-check.ts'
import type { SwapPorts } from './swap-ports.ts'
import type { SwapProgress } from './swap-progress.ts'

/**
 * Brings the previous model back: frees what the target took, loads, binds the previous packs again, verifies the state. It has as
 * long as the swap had. A rollback that fails ends the swap with no model to call.
 */
export async function rollBack<Compiled>(ports: SwapPorts<Compiled>, progress: SwapProgress): Promise<SwapReport> {
  const { request } = progress
  const deadline = startDeadline(ports.timers, request.timeout_ms)
  try {
    return progress.endRollback(await restored(ports, progress, deadline))
  } finally {
    deadline.close()
  }
}

async function restored<Compiled>(
  { models, context, state }: SwapPorts<Compiled>,
  { request, warnings }: SwapProgress,
  { race }: Deadline,
): Promise<{ readonly bindingId: string | null } | undefined> {
  const { current_model_id: previous, target_model_id: target } = request
  try {
    // The target may hold memory the previous model needs. That it cannot be unloaded is no reason not to try.
    if (target !== previous) {
      await race((signal) => models.unload(target, signal)).catch(() =>
        warnings.push('The target may still be loaded.'),
      )
    }
    await race((signal) => models.load(previous, signal))
    if (!(await race((signal) => models.isReady(previous, signal)))) return undefined
    const binding = await race((signal) => context.rebind(request, signal))
    demandState(state, request)
    return binding
  } catch {
    warnings.push('The previous model could not be restored.')
    return undefined
  }
}
