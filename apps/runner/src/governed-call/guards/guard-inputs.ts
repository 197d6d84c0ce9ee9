import type { FreshnessVerifier } from '@ctxlock/contracts/freshness'
import type { CallInput, GuardJob, PackUse, PlanInput, TraceInput } from '@ctxlock/contracts/guards'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { settle } from '@ctxlock/core-hash'

import { oneLook, oneLookAtObjects } from '../../environment/one-look.ts'
import type { BuildSession, GuardSession } from '../../session/build-session.ts'
import { canonicalBytes } from '../../session/store-record.ts'
import type { CompiledContext, FoundEvidence } from '../context/compile-context.ts'
import { scopeInputsOf } from '../context/retrieve-evidence.ts'
import type { PackShelf } from '../packs/pack-shelf.ts'
import { guardPolicy, guardPorts, packVerifier } from './guard-ports.ts'
import type { JudgedCall } from './guard-run-input.ts'
import { readPack, resolveSnippets } from './resolved-snippets.ts'

/** The packs of a call, and who says whether they were fresh. */
export interface JudgedPacks extends Pick<PackShelf, 'used'> {
  verifier(here: GuardSession): FreshnessVerifier
}

/** What the three hooks are given about one call. */
export interface GuardInputs {
  plan(plan: QueryPlan): PlanInput
  trace(plan: QueryPlan, retrieval: FoundEvidence, packs: JudgedPacks): TraceInput
  call(compiled: CompiledContext, packs: JudgedPacks): CallInput
}

/** Gathers what guards judge: a call that is made and one that is replayed are judged by the same. */
export function guardInputs(session: BuildSession, input: JudgedCall): GuardInputs {
  const now = session.timestamp()
  const job = guardJob(session, input)
  const policy = guardPolicy(session, input.subject)

  /** `here` is one look at the workspace: all guards of a hook judge the same bytes. */
  const traceInput = (
    here: GuardSession,
    plan: QueryPlan,
    retrieval: FoundEvidence,
    packs: JudgedPacks,
    evidence: Pick<TraceInput, 'candidate_list' | 'snippets'>,
  ): TraceInput => ({
    now,
    job,
    policy,
    plan,
    ports: guardPorts(here, packs.verifier(here)),
    trace: retrieval.trace,
    packs: packsInUse(here, packs),
    ...evidence,
  })

  return {
    plan: (plan) => ({ now, job, policy, plan, ports: guardPorts(session, packVerifier(session)) }),
    trace(plan, retrieval, packs) {
      const here = lookingOnce(session)
      return traceInput(here, plan, retrieval, packs, {
        candidate_list: canonicalBytes(retrieval.candidateList),
        snippets: resolveSnippets(here, retrieval),
      })
    },
    call({ plan, retrieval, envelope, snapshot, rendered, candidateList }, packs) {
      const here = lookingOnce(session)
      return {
        ...traceInput(here, plan, retrieval, packs, {
          // As it was persisted, not as it is in memory (VAL-017).
          candidate_list: here.artifacts.get(candidateList.content_hash),
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
    },
  }
}

function lookingOnce(session: GuardSession): GuardSession {
  const { config, counter, freshnessRules, memory, redactor, rules, vault } = session
  const [reader, artifacts] = [oneLook(session.reader), oneLookAtObjects(session.artifacts)]
  return { artifacts, config, counter, freshnessRules, memory, reader, redactor, rules, vault }
}

/** The job as it was created and as it is now; the guard compares the two (VAL-045). */
function guardJob(session: BuildSession, { ids, identified }: JudgedCall): GuardJob {
  const current = session.baseline(identified.model.tier)
  const { baseline, hash } = session.state.unsynced(() => session.jobs.baselineOf(ids.jobId, current))
  return settle<GuardJob>({
    job_id: ids.jobId,
    parent_job_id: ids.parentJobId ?? null,
    determinism_mode: session.config.policy.determinismMode,
    baseline,
    baseline_hash: hash,
    current,
  })
}

function packsInUse(session: GuardSession, packs: JudgedPacks): PackUse[] {
  return packs.used.map(({ record }) => ({ record, payload: readPack(session, record) }))
}
