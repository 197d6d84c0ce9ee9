import {
  buildContextPlan,
  buildSnapshot,
  compileEnvelope,
  renderEnvelope,
  snippetBlocks,
  type RenderedPrompt,
  type Retrieval,
} from '@ctxlock/context-compiler'
import type { ContextPlan, ContextSnapshot, PolicyDecision, PromptEnvelope } from '@ctxlock/contracts/context'
import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { summarise } from '@ctxlock/freshness-guard'

import type { BuildSession } from '../../session/build-session.ts'
import { storeRecord } from '../../session/store-record.ts'
import type { CallIds, CallSubject } from '../call-subject.ts'
import type { CalledModel } from '../identify.ts'
import type { BoundCall } from '../packs/bind-packs.ts'
import type { RequestOptions } from '../request-options.ts'
import type { DividedCall } from './divide-call.ts'
import { attemptBlocks, prefixBlocks, questionBlock } from './prompt-blocks.ts'
import { scopeInputsOf } from './retrieve-evidence.ts'

/** Evidence as it was found, or as it is read again from its record. */
export type FoundEvidence = Omit<Retrieval, 'without'>

/** The messages of one call. */
export interface CompiledPrompt {
  readonly envelope: PromptEnvelope
  readonly rendered: RenderedPrompt
}

/** What the model will see, and the records that say so: what the guards judge, and what a replay makes again. */
export interface CompiledContext extends CompiledPrompt {
  readonly snapshot: ContextSnapshot
  readonly contextPlan: ContextPlan
  readonly candidateList: ArtifactHandle
  readonly retrieval: FoundEvidence
  readonly plan: QueryPlan
  /** Not to be sent: rules and definition leave no room for files (MT-020). */
  readonly overflows: boolean
}

export interface ContextInput {
  readonly subject: CallSubject
  readonly ids: Pick<CallIds, 'jobId' | 'stepId'>
  readonly identified: CalledModel
  readonly bound: Pick<BoundCall, 'rolePack' | 'workUnitPack' | 'binding'>
  readonly plan: QueryPlan
  readonly retrieval: FoundEvidence
  readonly freshness: readonly ContextPackFreshnessRecord[]
  readonly divided: DividedCall
  readonly options: Pick<RequestOptions, 'attachments'>
}

/** Stable prefix and variable suffix, as messages. */
export function compilePrompt(
  session: Pick<BuildSession, 'counter'>,
  {
    subject,
    retrieval,
    bound,
    divided,
  }: Pick<ContextInput, 'subject' | 'bound' | 'divided'> & {
    readonly retrieval: Pick<FoundEvidence, 'snippets'>
  },
): CompiledPrompt {
  const snippets = snippetBlocks(retrieval.snippets, {
    orderPrefix: '300-source',
    sensitivity: 'medium',
    projection: 'full',
  })
  const envelope = compileEnvelope({
    prefix: prefixBlocks(bound.rolePack, bound.workUnitPack),
    suffix: [...snippets, questionBlock(subject), ...attemptBlocks(subject)],
    budgets: divided.budgets,
    counter: session.counter,
  })
  return { envelope, rendered: renderEnvelope(envelope) }
}

/** The snapshot of what the model will see (ACE-072), and why. `localOnlyPayloadRef` names the request where a copy is kept. */
export function compileContext(
  session: BuildSession,
  input: ContextInput,
  prompt: CompiledPrompt,
  localOnlyPayloadRef: ArtifactHandle | undefined,
): CompiledContext {
  const { subject, retrieval, plan, bound } = input
  const candidateList = storeCandidateList(session, retrieval)
  const freshness = summarise(input.freshness, session.freshnessRules)
  const policy = policyDecision(session, input)
  const snapshot = buildSnapshot(
    {
      job: { job_id: input.ids.jobId, step_id: input.ids.stepId },
      determinismMode: plan.determinism_mode,
      policy,
      modelId: input.identified.model.model_id,
      layerScope: session.baseline(policy.model_tier).layer_scope,
      scopeInputs: scopeInputsOf(subject),
      retrieval: { ...retrieval, plan },
      envelope: prompt.envelope,
      binding: {
        binding_id: bound.binding.binding_id,
        role_pack_hash: bound.rolePack.pack_hash,
        work_unit_pack_hash: bound.workUnitPack.pack_hash,
      },
      artifactHandles: [
        bound.binding.role_pack.artifact,
        bound.binding.work_unit_pack.artifact,
        ...(input.options.attachments ?? []),
      ],
      seed: session.config.policy.seed,
      tokenCounterId: session.counter.id,
      freshness: freshness.summary,
      candidateListRef: candidateList,
      ...(localOnlyPayloadRef && { localOnlyPayloadRef }),
      warnings: [...freshness.warnings, ...input.divided.warnings],
    },
    session.stamps,
  )
  const contextPlan = buildContextPlan({
    scopeInputs: scopeInputsOf(subject),
    plan,
    retrieval,
    budgets: input.divided.budgets,
    policy,
  })
  const { overflows } = input.divided
  return { ...prompt, snapshot, contextPlan, candidateList, retrieval, plan, overflows }
}

function storeCandidateList(session: BuildSession, { candidateList }: FoundEvidence): ArtifactHandle {
  return session.state.unsynced(() => storeRecord(session.artifacts, candidateList))
}

function policyDecision(session: BuildSession, { identified }: ContextInput): PolicyDecision {
  return {
    policy_profile_id: session.config.policy.policyProfileId,
    precedence_source: 'workspace_default',
    model_tier: identified.model.tier,
    projection: 'full',
    decision_id: session.environment.random.uuid(),
  }
}
