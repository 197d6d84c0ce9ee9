import type { PipelineResult } from '@ctxlock/ace-validators'
import { verifyAssembly, type Retrieval } from '@ctxlock/context-compiler'
import type { CallInput, GuardJob, GuardReport, PackUse, TraceInput } from '@ctxlock/contracts/guards'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { canonicalize } from '@ctxlock/core-hash'

import { oneLook } from '../environment/one-look.ts'
import type { Session } from '../session/session.ts'
import type { CompiledCall } from './compile-call.ts'
import { guardPolicy, guardPorts } from './guard-ports.ts'
import { refuseCall, type PoisonTrap } from './guard-refusal.ts'
import type { GuardRunInput } from './guard-run-input.ts'
import type { PackShelf } from './pack-shelf.ts'
import { type Quarantine, withoutSuspects } from './quarantine.ts'
import { recordQuarantine } from './quarantine-event.ts'
import { candidateHits, withWaived } from './candidate-hits.ts'
import { recordWaived } from './waived-event.ts'
import { readPack, resolveSnippets } from './resolved-snippets.ts'
import { scopeInputsOf } from './retrieve-evidence.ts'

/** The three hooks over one call. A refusal is recorded and thrown; there is no way past it (VAL-001). */
export interface GuardRun {
  readonly reports: readonly GuardReport[]
  plan(plan: QueryPlan): Promise<void>
  /** The retrieval without what the guards wanted out. */
  trace(plan: QueryPlan, found: Retrieval, shelf: PackShelf): Promise<Retrieval>
  /** Undefined when the call may be made with exactly these bytes; else what has to go before it is compiled again. */
  call(compiled: CompiledCall, shelf: PackShelf): Promise<Quarantine | undefined>
}

export function openGuardRun(session: Session, input: GuardRunInput, trap: PoisonTrap): GuardRun {
  const reports: GuardReport[] = []
  const now = session.timestamp()
  const job = guardJob(session, input)
  const policy = guardPolicy(session, input.subject)

  /** Guards are nodes of the job: a slow one does not outlive it. */
  const ask = (work: () => Promise<PipelineResult>): Promise<PipelineResult> => session.nodes.run(input.ids.fence, work)

  async function conclude(result: PipelineResult, snapshotId: string | null): Promise<Quarantine | undefined> {
    reports.push(result.report)
    if (result.errors.length > 0) return refuseCall(session, input, result, snapshotId, trap)
    if (result.removals.length === 0) return undefined
    for (const detection of result.detections) recordQuarantine(session, input, detection, snapshotId)
    const { removals, warnings, matches } = result
    return { removals, warnings, hits: candidateHits(matches) }
  }

  /** `here` is one look at the workspace: all guards of a hook judge the same bytes. */
  const traceInput = (
    here: Session,
    plan: QueryPlan,
    retrieval: Retrieval,
    shelf: PackShelf,
    evidence: Pick<TraceInput, 'candidate_list' | 'snippets'>,
  ): TraceInput => ({
    now,
    job,
    policy,
    plan,
    ports: guardPorts(here, shelf),
    trace: retrieval.trace,
    packs: packsInUse(session, shelf),
    ...evidence,
  })

  return {
    reports,
    async plan(plan) {
      const ports = guardPorts(session, undefined)
      await conclude(await ask(() => session.guards.plan({ now, job, policy, plan, ports })), null)
    },
    async trace(plan, found, shelf) {
      let retrieval = found
      for (;;) {
        const here = lookingOnce(session)
        const traced = traceInput(here, plan, retrieval, shelf, {
          candidate_list: new TextEncoder().encode(canonicalize(retrieval.candidateList)),
          snippets: resolveSnippets(here, retrieval),
        })
        const result = await ask(() => session.guards.trace(traced))
        const quarantine = await conclude(result, null)
        if (!quarantine) return withWaived(retrieval, result)
        retrieval = withoutSuspects(retrieval, quarantine, shelf, input.subject)
      }
    },
    async call(compiled, shelf) {
      const { plan, retrieval, envelope, snapshot, rendered, candidateList } = compiled
      const here = lookingOnce(session)
      const callInput: CallInput = {
        ...traceInput(here, plan, retrieval, shelf, {
          // As it was persisted, not as it is in memory (VAL-017).
          candidate_list: session.artifacts.get(candidateList.content_hash),
          snippets: resolveSnippets(here, retrieval, envelope),
        }),
        scope_inputs: scopeInputsOf(input.subject),
        snapshot,
        envelope,
        rendered: rendered.messages.map(({ content }) => content),
        cache_stages: retrieval.cacheStages,
        tool_deltas: [],
        projection_refs: [],
        compactions: [],
        promotions: [],
      }
      const result = await ask(() => session.guards.call(callInput))
      const quarantine = await conclude(result, snapshot.context_snapshot_id)
      if (quarantine) return quarantine
      // What is about to be sent must be what was scanned (VAL-012); throws SnapshotMutated.
      verifyAssembly(result.scanned, envelope)
      recordWaived(session, input, result.waived, snapshot.context_snapshot_id)
      return undefined
    },
  }
}

function lookingOnce(session: Session): Session {
  return Object.setPrototypeOf({ reader: oneLook(session.reader) }, session)
}

/** The job as it was created and as it is now; the guard compares the two (VAL-045). */
function guardJob(session: Session, { ids, identified }: GuardRunInput): GuardJob {
  const current = session.baseline(identified.model.tier)
  const { baseline, hash } = session.state.unsynced(() => session.jobs.baselineOf(ids.jobId, current))
  return {
    job_id: ids.jobId,
    parent_job_id: ids.parentJobId ?? null,
    determinism_mode: session.config.policy.determinismMode,
    baseline,
    baseline_hash: hash,
    current,
  }
}

function packsInUse(session: Session, shelf: PackShelf): PackUse[] {
  return shelf.used.map(({ record }) => ({ record, payload: readPack(session, record) }))
}
