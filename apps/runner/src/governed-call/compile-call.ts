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
import type { ChatRequest, PreparedCall } from '@ctxlock/contracts/provider'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { canonicalize } from '@ctxlock/core-hash'
import { summarise } from '@ctxlock/freshness-guard'

import type { Session } from '../session/session.ts'
import type { BoundCall } from './bind-packs.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import type { CallOptions } from './call-options.ts'
import type { IdentifiedCall } from './identify.ts'
import { attemptBlocks, prefixBlocks, questionBlock } from './prompt-blocks.ts'
import { scopeInputsOf } from './retrieve-evidence.ts'
import type { DividedCall } from './divide-call.ts'

/** One call with every byte fixed: what the guards judge, what is recorded, what is sent. */
export interface CompiledCall {
  readonly envelope: PromptEnvelope
  readonly rendered: RenderedPrompt
  readonly prepared: PreparedCall
  readonly snapshot: ContextSnapshot
  readonly contextPlan: ContextPlan
  readonly candidateList: ArtifactHandle
  readonly retrieval: Retrieval
  readonly plan: QueryPlan
  /** Not to be sent: rules and definition leave no room for files (MT-020). */
  readonly overflows: boolean
}

export interface CompileInput {
  readonly subject: CallSubject
  readonly ids: CallIds
  readonly identified: IdentifiedCall
  readonly bound: BoundCall
  readonly plan: QueryPlan
  readonly retrieval: Retrieval
  readonly freshness: readonly ContextPackFreshnessRecord[]
  readonly divided: DividedCall
  readonly options: CallOptions
}

/** Step 5: stable prefix and variable suffix, the request bytes, and the snapshot of what the model will see (ACE-072). */
export function compileCall(session: Session, input: CompileInput): CompiledCall {
  const { subject, retrieval, plan, bound } = input
  const snippets = snippetBlocks(retrieval.snippets, {
    orderPrefix: '300-source',
    sensitivity: 'medium',
    projection: 'full',
  })
  const envelope = compileEnvelope({
    prefix: prefixBlocks(bound.rolePack, bound.workUnitPack),
    suffix: [...snippets, questionBlock(subject), ...attemptBlocks(subject)],
    budgets: input.divided.budgets,
    counter: session.counter,
  })
  const rendered = renderEnvelope(envelope)
  const prepared = input.identified.client.prepareChat(chatRequest(session, rendered, input))
  const candidateList = storeCandidateList(session, retrieval)
  const localOnlyPayloadRef = session.vault?.put(prepared.body, { ttlDays: session.config.recorder.payloadTtlDays })
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
      envelope,
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
  return { envelope, rendered, prepared, snapshot, contextPlan, candidateList, retrieval, plan, overflows }
}

/** Everything but the messages is fixed by policy: the same call asks for the same sampling (demand 22). */
function chatRequest(session: Session, rendered: RenderedPrompt, { identified, options }: CompileInput): ChatRequest {
  const { client, model, provider } = identified
  return {
    model: model.model_id,
    messages: rendered.messages,
    temperature: session.config.policy.determinismMode === 'strict' ? 0 : (provider.defaults?.temperature ?? 0),
    ...(client.capabilities.seed && { seed: session.config.policy.seed }),
    ...(options.maxTokens !== undefined && { maxOutputTokens: options.maxTokens }),
    ...(options.stream && { stream: true }),
  }
}

function storeCandidateList(session: Session, { candidateList }: Retrieval): ArtifactHandle {
  const bytes = new TextEncoder().encode(canonicalize(candidateList))
  return session.state.unsynced(() => session.artifacts.put(bytes, { kind: 'report', classification: 'medium' }))
}

function policyDecision(session: Session, { identified }: CompileInput): PolicyDecision {
  return {
    policy_profile_id: session.config.policy.policyProfileId,
    precedence_source: 'workspace_default',
    model_tier: identified.model.tier,
    projection: 'full',
    decision_id: session.environment.random.uuid(),
  }
}
