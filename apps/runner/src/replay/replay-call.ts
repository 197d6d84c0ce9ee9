import { effectiveTier, findProvider } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import type { CallSubject } from '../governed-call/call-subject.ts'
import type { CalledModel } from '../governed-call/identify.ts'
import type { RequestOptions } from '../governed-call/request-options.ts'
import { allOf, compareFields, type Comparison, type Difference } from './differences.ts'
import { rebuildBinding, rebuildPacks } from './rebuild-binding.ts'
import { rebuildContext, rebuildEvidence, rebuildList, rebuildPlan } from './rebuild-context.ts'
import { rebuildGuardReport } from './rebuild-guard-report.ts'
import { rebuildRecord } from './rebuild-record.ts'
import { rebuildRequestBytes } from './rebuild-request-bytes.ts'
import type { RebuiltRecord } from './rebuilt-record.ts'
import { isMisfit } from './misfit.ts'
import type { RecordedCall } from './recorded-call.ts'
import { missingSources, recordedReader, sourcesOf, type MissingSource } from './recorded-sources.ts'
import type { ReplaySession } from './replay-session.ts'

/** What a call is made again from, besides its sources and the config. */
export interface ReplayedWork {
  readonly subject: CallSubject
  readonly options: Pick<RequestOptions, 'maxTokens' | 'stream'>
}

export type CallReplay =
  | { readonly status: 'source_missing'; readonly missing: readonly MissingSource[] }
  | {
      readonly status: 'replayed'
      readonly comparison: Comparison
      /** False where the provider's plugin gives no encoder: then everything up to the messages was compared, the bytes were not. */
      readonly bytesCompared: boolean
      readonly problem?: string
    }

/**
 * Makes one recorded call again, up to its bytes and the verdicts about them, and compares every field of every record. Nothing is sent
 * and nothing is written: `ReplaySession` has nothing to do either with.
 */
export async function replayCall(
  session: ReplaySession,
  recorded: RecordedCall,
  work: ReplayedWork,
): Promise<CallReplay> {
  const sources = sourcesOf(recorded)
  const reader = recordedReader(session.reader, session.artifacts, sources)
  const missing = missingSources(reader, sources)
  if (missing.length > 0) return { status: 'source_missing', missing }

  const comparisons: Comparison[] = []
  let bytesCompared = false
  const records = rebuiltRecords({ ...session, reader }, recorded, work)
  for (;;) {
    try {
      const next = await records.next()
      if (next.done === true) return { status: 'replayed', comparison: allOf(comparisons), bytesCompared }
      const { field, recorded: before, rebuilt } = next.value
      comparisons.push(compareFields(field, before, rebuilt))
      bytesCompared ||= field === 'request'
    } catch (error) {
      if (!isMisfit(error)) throw error
      const difference: Difference = { field: error.code, recorded: null, rebuilt: null }
      const comparison = allOf([...comparisons, { differences: [difference], agreeing: 0 }])
      return { status: 'replayed', comparison, bytesCompared, problem: error.message }
    }
  }
}

/** In the order in which a call makes them: the first difference is where it began. */
async function* rebuiltRecords(
  session: ReplaySession,
  recorded: RecordedCall,
  work: ReplayedWork,
): AsyncGenerator<RebuiltRecord, void> {
  const { intent, call } = recorded
  const provider = findProvider(session.registry, intent.payload.provider_id)
  yield { field: 'provider_id', recorded: intent.payload.provider_id, rebuilt: provider?.provider_id }
  if (!provider) return
  const { model_id } = intent.payload
  const decided = effectiveTier(provider, { model_id }, deriveTier)
  const tier = decided.accepted ? decided.tier : 'cloud'
  const called: CalledModel = { provider, model: { model_id, tier } }
  const packs = rebuildPacks(session, recorded, work.subject)
  yield { field: 'role_pack', recorded: recorded.rolePack, rebuilt: packs.rolePack.pack }
  yield { field: 'work_unit_pack', recorded: recorded.workUnitPack, rebuilt: packs.workUnitPack.pack }
  const binding = rebuildBinding(recorded, packs, { called, subject: work.subject })
  yield { field: 'binding', recorded: recorded.binding, rebuilt: binding }

  const bound = { rolePack: packs.rolePack.pack, workUnitPack: packs.workUnitPack.pack, binding }
  const contextWork = { ...work, called, bound }
  const planned = rebuildPlan(session, recorded, contextWork)
  const { plan } = planned
  yield { field: 'query_plan', recorded: recorded.queryPlan, rebuilt: plan }
  const list = rebuildList(recorded, plan)
  yield { field: 'candidate_list', recorded: recorded.candidateList, rebuilt: list }
  const retrieval = rebuildEvidence(session, recorded, contextWork, { plan, list })
  yield { field: 'retrieval_trace', recorded: recorded.trace, rebuilt: retrieval.trace }
  const context = rebuildContext(session, recorded, contextWork, { ...planned, retrieval })
  yield { field: 'context_plan', recorded: recorded.contextPlan, rebuilt: context.contextPlan }
  yield { field: 'context_snapshot', recorded: recorded.snapshot, rebuilt: context.snapshot }

  const request = await rebuildRequestBytes(session, recorded, context, { ...work, called })
  if (request) {
    yield { field: 'request', ...request.body }
    yield { field: 'request_manifest', recorded: recorded.manifest, rebuilt: request.manifest }
  }
  // After what it decides about, so that a difference has the narrower name.
  const { baseline } = session.jobs.baselineOf(intent.job_id ?? call.job_id, session.baseline(tier))
  yield { field: 'job_baseline', recorded: baseline, rebuilt: session.baseline(tier) }
  yield { field: 'guard_report', ...(await rebuildGuardReport(session, recorded, { ...work, called, context })) }
  yield {
    field: 'call_record',
    recorded: call,
    rebuilt: rebuildRecord(session.digestKey, recorded, { bound, context, request }),
  }
  if (request) yield { field: 'call_intent', recorded: intent.payload, rebuilt: request.intent }
}
