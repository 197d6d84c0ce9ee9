import type { ModelSwapRequest, SwapPhase, SwapReport, SwapState } from '@ctxlock/contracts/model-swap'
import type { Clock } from '@ctxlock/contracts/ports'

import { completedEvent, failureEvent, phaseEvent, rollbackEvent } from './swap-events.ts'
import type { SwapFailure } from './swap-failure.ts'
import type { BoundContext, SwapError, SwapJournal } from './swap-ports.ts'

/** Keeps the journal one step ahead of the swap: each state is on record before its work begins (MT-011). */
export class SwapProgress {
  readonly request: ModelSwapRequest
  readonly warnings: string[] = []
  measuredVramMb: number | undefined
  /** From `draining` on a failure is rolled back. */
  isTouched = false
  readonly #journal: SwapJournal
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #phases: { name: SwapPhase; duration_ms: number }[] = []
  #since: number
  #error: SwapError | undefined

  constructor(request: ModelSwapRequest, journal: SwapJournal, clock: Pick<Clock, 'monotonic'>, error?: SwapError) {
    this.request = request
    this.#journal = journal
    this.#clock = clock
    this.#since = clock.monotonic()
    this.#error = error
  }

  /** `reached` is what the state that ends now has brought. */
  enter(state: SwapState, reached?: SwapPhase): void {
    this.#journal.enter(this.request.request_id, state, reached ? [this.#reach(reached)] : [])
    if (state === 'draining') this.isTouched = true
  }

  complete(bound: BoundContext): SwapReport {
    const resumed = this.#reach('resumed')
    const report = this.#report('success', this.request.target_model_id, {
      rolled_back: null,
      previous_binding_id: bound.previousBindingId,
      new_binding_id: bound.bindingId,
      context_snapshot_id: bound.contextSnapshotId,
      requested_pack_hashes: bound.requested,
      effective_pack_hashes: bound.effective,
    })
    this.#journal.end(report, [resumed, completedEvent(this.request, bound)])
    return report
  }

  /** The failure is on record; the previous model comes back next. */
  beginRollback({ code, reason, message }: SwapFailure): void {
    this.#error = { code, reason, message }
    this.#journal.enter(this.request.request_id, 'rolling_back', [failureEvent(this.request, this.#error)], this.#error)
  }

  endRollback(restored: { readonly bindingId: string | null } | undefined): SwapReport {
    const report = this.#report(this.#outcome(), restored ? this.request.current_model_id : null, {
      rolled_back: restored !== undefined,
      previous_binding_id: null,
      new_binding_id: restored?.bindingId ?? null,
      context_snapshot_id: null,
    })
    this.#journal.end(report, restored ? [rollbackEvent(this.request)] : [])
    return report
  }

  /** Nothing was touched: the current model is where it was. */
  refuse({ code, reason, message }: SwapFailure): SwapReport {
    this.#error = { code, reason, message }
    const none = { previous_binding_id: null, new_binding_id: null, context_snapshot_id: null }
    const report = this.#report(this.#outcome(), this.request.current_model_id, { rolled_back: null, ...none })
    this.#journal.end(report, [failureEvent(this.request, this.#error)])
    return report
  }

  #outcome(): 'failure' | 'timeout' {
    return this.#error?.reason === 'deadline' ? 'timeout' : 'failure'
  }

  #reach(name: SwapPhase) {
    const now = this.#clock.monotonic()
    const duration_ms = Math.max(0, Math.round(now - this.#since))
    this.#since = now
    this.#phases.push({ name, duration_ms })
    return phaseEvent(this.request, name, duration_ms, name === 'loaded' ? this.measuredVramMb : undefined)
  }

  #report(
    outcome: SwapReport['outcome'],
    modelId: string | null,
    fields: Omit<
      SwapReport,
      'schema_version' | 'request_id' | 'outcome' | 'model_id' | 'phases' | 'warnings' | 'error'
    >,
  ): SwapReport {
    return {
      schema_version: 'ctxlock.swap_report@1',
      request_id: this.request.request_id,
      outcome,
      model_id: modelId,
      phases: this.#phases,
      ...(this.measuredVramMb !== undefined && { measured_vram_mb: this.measuredVramMb }),
      ...fields,
      warnings: this.warnings,
      ...(this.#error && { error: this.#error }),
    }
  }
}
