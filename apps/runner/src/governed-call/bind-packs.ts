import { bindPacks as bind, buildRolePack, buildWorkUnitPack, PackError } from '@ctxlock/context-pack'
import type { ContextPackBinding, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { canonicalHash, canonicalize } from '@ctxlock/core-hash'

import type { Session } from '../session/session.ts'
import { governedPaths, type CallIds, type CallSubject } from './call-subject.ts'
import { callEventBase } from './event-base.ts'
import type { IdentifiedCall } from './identify.ts'
import type { PackShelf } from './pack-shelf.ts'

export interface BoundCall {
  readonly rolePack: RoleContextPack
  readonly workUnitPack: WorkUnitContextPack
  readonly binding: ContextPackBinding
  /** Where the binding itself is stored. */
  readonly artifact: ArtifactHandle
}

/** What building packs needs of a session. */
export type PackSession = Pick<
  Session,
  'config' | 'rules' | 'redactor' | 'counter' | 'environment' | 'artifacts' | 'automationLevel'
>

/**
 * The role pack of one role under the rules in force for the paths it works on; without paths, those of the root. The same on
 * every machine and for every model (CP-001, CP-002).
 */
export function rolePackOf(session: PackSession, role: CallSubject['role'], paths: readonly string[] = []) {
  const { policy, rules } = session.config
  const inForce = session.rules.inForce(paths)
  return buildRolePack({
    role_id: role.role_id,
    runtime_role: role.runtime_role,
    governance_mode: policy.governanceMode,
    automation_level: session.automationLevel,
    policy_profile_id: policy.policyProfileId,
    protocol_refs: inForce.protocolRefs,
    allowed_tools: [],
    capabilities: ['artifact.read', 'artifact.write', 'fs.read'],
    rules: inForce.rules,
    governedSources: inForce.sources,
    strictRulesMaxTokens: rules.maxTokens,
    anchors: session.rules.registry,
    redactor: session.redactor,
    tokenCounter: session.counter,
    clock: session.environment.clock,
    store: session.artifacts,
  })
}

/** The work-unit pack of one micro-task, assembled against its role pack. */
export function workUnitPackOf(session: PackSession, subject: CallSubject, rolePack: RoleContextPack) {
  const { definition, wpId } = subject
  const { files } = definition
  return buildWorkUnitPack({
    rolePack,
    work_unit: { kind: 'mt', wp_id: wpId, mt_id: definition.mt_id },
    in_scope_paths: [...subject.scope],
    lockKeys: [...files.modify, ...files.create],
    files,
    task: { title: definition.name, scope: definition.scope, actions: definition.actions },
    allowed_tools: [],
    verification_contract: {
      verify: definition.verify,
      done: definition.done,
      required_validators: ['quotation_check'],
      required_gates: [],
    },
    context_payload: {
      token_budget: definition.token_budget,
      allocation: allocation(definition.token_budget),
      prefer_context_packs: true,
      context_pack_policy: session.config.policy.contextPack,
      retrieval_budgets: session.config.policy.retrieval,
      token_counter_id: session.counter.id,
    },
    context_pack_refs: [],
    sources: [{ source_id: `task:${wpId}`, source_hash: canonicalHash(definition) }],
    redactor: session.redactor,
    clock: session.environment.clock,
    store: session.artifacts,
  })
}

/** Spec 08 section 5: fixed shares for what is ours, the rest for file contents. */
function allocation(tokenBudget: number) {
  const fixed = {
    system_rules: 300,
    iteration_context: 0,
    work_unit_definition: Math.min(500, Math.floor(tokenBudget / 4)),
    previous_output: 0,
  }
  const used = Math.min(tokenBudget, fixed.system_rules + fixed.work_unit_definition)
  return { ...fixed, system_rules: used - fixed.work_unit_definition, file_contents: tokenBudget - used }
}

/** Step 2: builds both packs and writes the binding before the first model call (CP-048). */
export function bindPacks(session: Session, subject: CallSubject, ids: CallIds, identified: IdentifiedCall): BoundCall {
  const role = rolePackOf(session, subject.role, governedPaths(subject))
  const workUnit = workUnitPackOf(session, subject, role.pack)
  const bound = bind({
    job_id: ids.jobId,
    workflow_run_id: ids.runId,
    session_id: ids.sessionId,
    identity: identified.identity,
    provider_id: identified.provider.provider_id,
    reason: 'job_start',
    rolePack: role,
    workUnitPack: workUnit,
    clock: session.environment.clock,
  })
  const { binding } = bound
  const artifact = session.artifacts.put(new TextEncoder().encode(canonicalize(binding)), {
    kind: 'report',
    classification: 'medium',
  })
  session.recorder.record({
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-X-PACK-005',
    type: 'context_pack_bound',
    payload: {
      binding_id: binding.binding_id,
      reason: binding.reason,
      identity: binding.identity,
      role_pack: hashesOf(binding.role_pack),
      work_unit_pack: hashesOf(binding.work_unit_pack),
      assembly: binding.assembly,
      constraint_check: binding.constraint_check,
    },
  })
  if (bound.status === 'rejected') {
    throw new PackError(bound.code, `The packs lost constraints: ${bound.weakened.join(', ')}.`)
  }
  return { rolePack: role.pack, workUnitPack: workUnit.pack, binding, artifact }
}

function hashesOf({ requested_hash, effective_hash }: ContextPackBinding['role_pack']) {
  return { requested_hash, effective_hash }
}

/** One event for each pack that was built or refreshed, and one for each that was not fresh (CP-024, FG-037). */
export function recordPackWork(session: Session, subject: CallSubject, ids: CallIds, shelf: PackShelf): void {
  const base = callEventBase(ids, subject)
  for (const { path, status, record, previousPayloadHash } of shelf.work) {
    const payload = {
      pack_id: record.pack_id,
      target: `file:${path}`,
      payload_hash: record.payload_hash,
      source_hashes: record.source_hashes.slice(0, 256),
      builder: record.builder,
      ...(previousPayloadHash !== undefined && { previous_payload_hash: previousPayloadHash }),
    }
    session.recorder.record(
      status === 'built'
        ? { ...base, fr_event_id: 'FR-EVT-X-PACK-001', type: 'context_pack_built', payload }
        : { ...base, fr_event_id: 'FR-EVT-X-PACK-003', type: 'context_pack_refreshed', payload },
    )
  }
  for (const { freshness } of shelf.checked) {
    if (!freshness.context_pack_stale_detected) continue
    session.recorder.record({
      ...base,
      fr_event_id: 'FR-EVT-X-PACK-004',
      type: 'context_pack_stale_outcome',
      payload: {
        ...freshness,
        stale_sources: freshness.stale_sources.slice(0, 64),
        stale_sources_total: freshness.stale_sources.length,
      },
    })
  }
}
