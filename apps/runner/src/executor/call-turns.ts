import { readJob } from '@ctxlock/ace-validators/poisoning'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { SchedulerLimits } from '@ctxlock/contracts/scheduler'
import { createScheduler, openLimitStore, type LimitStore, type Scheduler } from '@ctxlock/micro-task'

import { mostTokens } from '../governed-call/budget/budgets.ts'
import { chargedTokens } from '../governed-call/budget/charged-usage.ts'
import { modelSessionId } from '../governed-call/call-subject.ts'
import type { InTurn } from '../governed-call/call-turn.ts'
import type { Session } from '../session/session.ts'
import { openRunOwner } from '../workspace/run-owner.ts'
import type { UnsyncedWrites } from '../workspace/unsynced-writes.ts'

export interface CallTurns {
  readonly scheduler: Scheduler
  readonly inTurn: InTurn
  close(): void
}

/**
 * Turns of the model calls of this process among those of every process of the workspace (MT-062). The queue is nobody's job:
 * its rows go past the fence. Its events name a job, so none is recorded of one that was poisoned.
 */
export function openCallTurns(
  ungated: Pick<Session, 'environment' | 'recorder' | 'state'>,
  limits: SchedulerLimits,
): CallTurns {
  const { environment, state, recorder } = ungated
  // A process that lives on after a disk failed here must not keep the lock of an owner that works on nothing.
  using opening = new DisposableStack()
  const owner = opening.adopt(openRunOwner(state.folder, environment.random.uuid()), ({ close }) => close())
  const store = openLimitStore({
    database: state.database,
    clock: environment.clock,
    limits,
    isGone: owner.isGone,
    record(event, { job_id, session_id }) {
      if (readJob(state.database, job_id)?.state === 'poisoned') return
      recorder.record({
        actor: 'system',
        trace_id: environment.random.uuid(),
        job_id,
        model_session_id: session_id,
        ...event,
      })
    },
  })
  const queue = unsyncedStore(store, state.unsynced)
  const scheduler = createScheduler({ store: queue, timers: environment.timers, owner: owner.id })
  const held = opening.move()
  return {
    scheduler,
    close() {
      scheduler.close()
      held.dispose()
    },
    async inTurn({ ids, subject, identified, options }, make, signal) {
      let isMade = false
      const run = scheduler.run(
        {
          call_id: ids.callId,
          job_id: ids.jobId,
          session_id: modelSessionId(ids),
          provider_id: identified.provider.provider_id,
          model_id: identified.model.model_id,
          lane: subject.role.runtime_role === 'validator' ? 'VALIDATION' : 'PRIMARY',
          priority: 50,
          tokens: mostTokens(subject, options.maxTokens),
        },
        {
          async make(ended, limited) {
            isMade = true
            const reply = await make(ended, ({ code, waitMs }) => {
              if (code === 'rate_limited') limited(waitMs)
            })
            const { code, retryAfterMs } = reply.status === 'failed' ? reply.error : {}
            if (code === 'rate_limited' && retryAfterMs !== undefined) limited(retryAfterMs)
            return reply
          },
          usedTokens: chargedTokens,
          signal,
        },
      )
      return run.catch((error: unknown) => {
        throw isMade || !signal.aborted ? error : cancelledInQueue(error)
      })
    },
  }
}

/** The queue says what living processes want: a power cut ends them all, and what is on record of a call comes with its intent. */
function unsyncedStore(store: LimitStore, unsynced: UnsyncedWrites): LimitStore {
  return {
    enqueue: (owner, call) => unsynced(() => store.enqueue(owner, call)),
    admit: (owner) => unsynced(() => store.admit(owner)),
    finish: (callId, usedTokens) => unsynced(() => store.finish(callId, usedTokens)),
    close: (providerId, milliseconds) => unsynced(() => store.close(providerId, milliseconds)),
    hold: (owner, holdId, modelId) => unsynced(() => store.hold(owner, holdId, modelId)),
    release: (holdId) => unsynced(() => store.release(holdId)),
    running: (modelId) => store.running(modelId),
    cancel: (callId, reason, cancelledBy) => unsynced(() => store.cancel(callId, reason, cancelledBy)),
    renew: (owner) => unsynced(() => store.renew(owner)),
    calls: () => store.calls(),
  }
}

function cancelledInQueue(cause: unknown): ProviderError {
  return new ProviderError(
    'aborted',
    'The call was cancelled while it waited for its turn.',
    { attempts: 0 },
    { cause },
  )
}
