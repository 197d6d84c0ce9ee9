import type { PipelineResult } from '@ctxlock/ace-validators'
import { verifyAssembly, type Retrieval } from '@ctxlock/context-compiler'
import type { CallInput, GuardReport } from '@ctxlock/contracts/guards'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'

import type { Session } from '../../session/session.ts'
import type { CompiledContext } from '../context/compile-context.ts'
import type { PackShelf } from '../packs/pack-shelf.ts'
import { candidateHits, withWaived } from './candidate-hits.ts'
import { guardInputs, type JudgedPacks } from './guard-inputs.ts'
import { packVerifier } from './guard-ports.ts'
import { refuseCall, type PoisonTrap } from './guard-refusal.ts'
import type { GuardRunInput } from './guard-run-input.ts'
import { recordQuarantine } from './quarantine-event.ts'
import { type Quarantine, withoutSuspects } from './quarantine.ts'
import { recordWaived } from './waived-event.ts'

/** The three hooks over one call. A refusal is recorded and thrown; there is no way past it (VAL-001). */
export interface GuardRun {
  readonly reports: readonly GuardReport[]
  plan(plan: QueryPlan): Promise<void>
  /** The retrieval without what the guards wanted out. */
  trace(plan: QueryPlan, found: Retrieval, shelf: PackShelf): Promise<Retrieval>
  /** Undefined when the call may be made with exactly these bytes; else what has to go before it is compiled again. */
  call(compiled: CompiledContext, shelf: PackShelf): Promise<Quarantine | undefined>
}

export function openGuardRun(session: Session, input: GuardRunInput, trap: PoisonTrap): GuardRun {
  const reports: GuardReport[] = []
  const inputs = guardInputs(session, input)

  const judged = (shelf: PackShelf): JudgedPacks => ({
    used: shelf.used,
    verifier: (here) => packVerifier(here, shelf),
  })

  /** Guards are nodes of the job: a slow one does not outlive it. */
  const ask = (work: () => Promise<PipelineResult>): Promise<PipelineResult> => session.nodes.run(input.ids.fence, work)

  async function conclude(
    result: PipelineResult,
    snapshotId: string | null,
    judgedCall?: CallInput,
  ): Promise<Quarantine | undefined> {
    reports.push(result.report)
    if (result.errors.length > 0) return refuseCall(session, input, { result, snapshotId, trap, judgedCall })
    if (result.removals.length === 0) return undefined
    for (const detection of result.detections) recordQuarantine(session, input, detection, snapshotId)
    const { removals, warnings, matches } = result
    return { removals, warnings, hits: candidateHits(matches) }
  }

  return {
    reports,
    async plan(plan) {
      await conclude(await ask(() => session.guards.plan(inputs.plan(plan))), null)
    },
    async trace(plan, found, shelf) {
      let retrieval = found
      for (;;) {
        const traced = inputs.trace(plan, retrieval, judged(shelf))
        const result = await ask(() => session.guards.trace(traced))
        const quarantine = await conclude(result, null)
        if (!quarantine) return withWaived(retrieval, result)
        retrieval = withoutSuspects(retrieval, quarantine, shelf, input.subject)
      }
    },
    async call(compiled, shelf) {
      const { envelope, snapshot } = compiled
      const callInput = inputs.call(compiled, judged(shelf))
      const result = await ask(() => session.guards.call(callInput))
      const quarantine = await conclude(result, snapshot.context_snapshot_id, callInput)
      if (quarantine) return quarantine
      // What is about to be sent must be what was scanned (VAL-012); throws SnapshotMutated.
      verifyAssembly(result.scanned, envelope)
      recordWaived(session, input, result.waived, snapshot.context_snapshot_id)
      return undefined
    },
  }
}
