import { isDeepStrictEqual } from 'node:util'

import { ModelSwapRequest, type SwapReport } from '@ctxlock/contracts/model-swap'
import type { ModelSwapPolicy } from '@ctxlock/contracts/micro-task-run'

import { MicroTaskError } from '../micro-task-error.ts'
import { carryOut } from './carry-out.ts'
import { rollBack } from './roll-back.ts'
import { SwapFailure } from './swap-failure.ts'
import { demandAllowed } from './swap-policy.ts'
import type { SwapEntry, SwapPorts } from './swap-ports.ts'
import { requestedEvent } from './swap-events.ts'
import { SwapProgress } from './swap-progress.ts'
import { startDeadline } from './deadline.ts'

export interface SwapOptions {
  readonly policy: ModelSwapPolicy
  /** Aborted when the job is cancelled or poisoned: the swap is rolled back. */
  readonly signal?: AbortSignal
}

export interface ModelSwaps {
  /**
   * Changes the model of a job, or leaves everything as it was (spec 07). What fails is told by the report; only what breaks the
   * record itself is thrown, and then the next `recover` rolls back. Throws `SWAP_REQUEST_INVALID`, `SWAP_REQUEST_REUSED`,
   * `SWAP_UNDER_WAY`.
   */
  swap(request: ModelSwapRequest, options: SwapOptions): Promise<SwapReport>
  /**
   * Rolls back the swaps a dead process left behind, of those that are `mine` (SWAP-018). To be called before anything else goes on;
   * a swap of a process that lives is nobody else's.
   */
  recover(mine?: (request: ModelSwapRequest) => boolean): Promise<readonly SwapReport[]>
}

/** The protocol as a state machine over its ports. Nothing begins unless the request is on record (SWAP-008). */
export function createModelSwaps<Compiled>(ports: SwapPorts<Compiled>): ModelSwaps {
  const underWay = new Map<string, Promise<SwapReport>>()

  async function begin(request: ModelSwapRequest, { policy, signal }: SwapOptions): Promise<SwapReport> {
    const { journal, clock, timers } = ports
    const progress = new SwapProgress(request, journal, clock)
    journal.begin(request, [requestedEvent(request)])
    // From here on nothing new is called: what is persisted next must not become old.
    const held = ports.hold(request.current_model_id)
    const deadline = startDeadline(timers, request.timeout_ms, signal)
    try {
      demandAllowed(policy, request, journal.countOf(request))
      demandPermitted(request)
      const bound = await carryOut(ports, progress, { policy, deadline, held })
      return progress.complete(bound)
    } catch (error) {
      if (!(error instanceof SwapFailure)) throw error
      if (!progress.isTouched) return progress.refuse(error)
      progress.beginRollback(error)
      return await rollBack(ports, progress)
    } finally {
      deadline.close()
      held.release()
    }
  }

  function demandPermitted(request: ModelSwapRequest): void {
    const refusal = ports.refusal(request)
    if (refusal) throw new SwapFailure(refusal.reason, refusal.message)
  }

  return {
    async swap(given, options) {
      const request = parse(given)
      const running = underWay.get(request.request_id)
      const known = ports.journal.find(request.request_id)
      if (known) {
        demandSame(known.request, request)
        return running ?? recorded(known)
      }
      const swap = begin(request, options).finally(() => underWay.delete(request.request_id))
      underWay.set(request.request_id, swap)
      return swap
    },
    async recover(mine = () => true) {
      const reports: SwapReport[] = []
      for (const { request, state, error } of ports.journal.unfinished()) {
        if (underWay.has(request.request_id) || !mine(request)) continue
        const progress = new SwapProgress(request, ports.journal, ports.clock, error ?? undefined)
        if (state !== 'rolling_back') progress.beginRollback(new SwapFailure('crashed', `Interrupted while ${state}.`))
        reports.push(await rollBack(ports, progress))
      }
      return reports
    },
  }
}

/** The request comes from whoever runs the job; unknown members are refused (SWAP-004). */
function parse(request: ModelSwapRequest): ModelSwapRequest {
  const parsed = ModelSwapRequest.safeParse(request)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map(({ path }) => path.join('.') || 'the request').join(', ')
  throw new MicroTaskError('SWAP_REQUEST_INVALID', `Expected a request hsk.model_swap@0.4; wrong are ${where}.`)
}

function demandSame(known: ModelSwapRequest, request: ModelSwapRequest): void {
  if (isDeepStrictEqual(known, request)) return
  throw new MicroTaskError(
    'SWAP_REQUEST_REUSED',
    `Expected the swap ${request.request_id} as it was asked for the first time; use a new id for another.`,
  )
}

function recorded({ request, state, report }: SwapEntry): SwapReport {
  if (report) return report
  throw new MicroTaskError('SWAP_UNDER_WAY', `The swap ${request.request_id} is ${state}; recover it first.`)
}
