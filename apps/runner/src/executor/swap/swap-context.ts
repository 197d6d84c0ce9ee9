import { PackError } from '@ctxlock/context-pack'
import type { ContextPackBinding } from '@ctxlock/contracts/packs'
import { SwapFailure, type BoundContext, type SwapContext } from '@ctxlock/micro-task'

import { CommandError } from '../../command-error.ts'
import type { CallOptions } from '../../governed-call/call-options.ts'
import type { CallIds, CallSubject } from '../../governed-call/call-subject.ts'
import { prepareCall, type PreparedGovernedCall } from '../../governed-call/governed-call.ts'
import { identify } from '../../governed-call/identify.ts'
import { bindPacks, type Rebinding } from '../../governed-call/packs/bind-packs.ts'
import type { Session } from '../../session/session.ts'

/** The call a swap is made for. */
export interface PendingCall {
  readonly subject: CallSubject
  readonly ids: CallIds
}

export interface SwapContextParts {
  readonly session: Session
  readonly ungated: Session
  readonly options: CallOptions
  /** The next call of the work, if that model makes it; undefined while the work has not been taken up again. */
  pendingCall(modelId: string): PendingCall | undefined
  /** What the work is bound by now; undefined before its first call. */
  lastBinding(subject: CallSubject): ContextPackBinding | undefined
  /** What is to be sent next; nothing else was compiled for the target. */
  onPrepared(prepared: PreparedGovernedCall): void
}

/** Compiles the next call of the work for the target, whole and guarded, and binds its packs to those that held until now. */
export function swapContext(parts: SwapContextParts): SwapContext<PreparedGovernedCall> {
  const rebinding = (subject: CallSubject, swapRequestId: string): { readonly rebinding?: Rebinding } => {
    const previous = parts.lastBinding(subject)
    return previous ? { rebinding: { previous, reason: 'model_swap', swapRequestId } } : {}
  }
  let prepared: PreparedGovernedCall | undefined
  return {
    compile: ({ request_id, target_model_id }) =>
      naming(async () => {
        const call = parts.pendingCall(target_model_id)
        if (!call) throw new SwapFailure('compile_failed', 'There is no call to compile for the target.')
        const { subject, ids } = call
        return prepareCall(parts.ungated, subject, ids, { ...parts.options, ...rebinding(subject, request_id) })
      }),
    async bind(_, compiled) {
      prepared = compiled
      return boundContext(compiled)
    },
    async resume() {
      if (prepared) parts.onPrepared(prepared)
    },
    rebind: ({ request_id, current_model_id }) =>
      naming(async () => {
        const call = parts.pendingCall(current_model_id)
        const again = call && rebinding(call.subject, request_id)
        // Nothing was bound yet, or the next call of the work binds for itself.
        if (!call || !again?.rebinding) return { bindingId: null }
        const { subject, ids } = call
        const { identified, resolved } = await identify(parts.session, subject, ids)
        parts.session.recorder.recordAll(resolved)
        const { binding } = bindPacks(parts.session, subject, ids, identified, again.rebinding)
        return { bindingId: binding.binding_id }
      }),
  }
}

function boundContext({ bound: { binding }, compiled }: PreparedGovernedCall): BoundContext {
  const { role_pack, work_unit_pack } = binding
  return {
    previousBindingId: binding.previous_binding_id,
    bindingId: binding.binding_id,
    contextSnapshotId: compiled.snapshot.context_snapshot_id,
    requested: { role_pack_hash: role_pack.requested_hash, work_unit_pack_hash: work_unit_pack.requested_hash },
    effective: { role_pack_hash: role_pack.effective_hash, work_unit_pack_hash: work_unit_pack.effective_hash },
  }
}

/** The refusals a swap has a word for; every other one is a failure of the phase it came from. */
async function naming<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PackError) {
      const reason = error.code === 'PACK_CONSTRAINTS_WEAKENED' ? 'constraints_weakened' : 'pack_missing'
      throw new SwapFailure(reason, `The packs could not be bound: ${error.code}.`, { cause: error })
    }
    if (error instanceof CommandError && error.code === 'WINDOW_TOO_SMALL') {
      throw new SwapFailure('window_too_small', error.message.slice(0, 512), { cause: error })
    }
    throw error
  }
}
