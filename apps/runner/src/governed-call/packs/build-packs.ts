import { buildRolePack, buildWorkUnitPack, type BuiltPair } from '@ctxlock/context-pack'
import type { RoleContextPack } from '@ctxlock/contracts/packs'
import { canonicalHash } from '@ctxlock/core-hash'
import { LEAST_FILE_TOKENS, SECTION_TOKENS } from '@ctxlock/micro-task'

import type { BuildSession } from '../../session/build-session.ts'
import { governedPaths, type CallSubject } from '../call-subject.ts'
import { grantedTo } from './capability-gate.ts'

/** What building packs needs of a session. */
export type PackSession = Pick<
  BuildSession,
  'config' | 'rules' | 'redactor' | 'counter' | 'environment' | 'artifacts' | 'automationLevel'
>

/** All of a subject that its packs are built from. */
export type PackedWork = Pick<CallSubject, 'role' | 'scope' | 'wpId' | 'definition'>

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
    capabilities: grantedTo(session, role),
    rules: inForce.rules,
    governedSources: inForce.sources,
    strictRulesMaxTokens: rules.maxTokens,
    anchors: session.rules.registry,
    redactor: session.redactor,
    tokenCounter: session.counter,
    clock: session.environment.clock,
    store: session.artifacts,
    // The label of a stored object is for good; whether its rule files may leave is asked of each call's config.
    exportable: true,
  })
}

/** The work-unit pack of one micro-task, assembled against its role pack. */
function workUnitPackOf(session: PackSession, subject: PackedWork, rolePack: RoleContextPack) {
  const { definition, wpId } = subject
  const { files } = definition
  return buildWorkUnitPack({
    rolePack,
    work_unit: { kind: 'mt', wp_id: wpId, mt_id: definition.mt_id },
    // No scope means that everything may be looked at, and the pack has to say so: an empty list would grant nothing.
    in_scope_paths: subject.scope.length === 0 ? ['**'] : [...subject.scope],
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
    // Its text is the task of the person who asks.
    exportable: true,
  })
}

/** The pair of packs that binds one work unit. */
export function packsOf(
  session: PackSession,
  subject: PackedWork,
  rolePack = rolePackOf(session, subject.role, governedPaths(subject)),
): BuiltPair {
  return { rolePack, workUnitPack: workUnitPackOf(session, subject, rolePack.pack) }
}

/** Spec 08 section 5: each section its share, in the order in which they are served from a small budget; the rest is for files. */
function allocation(tokenBudget: number) {
  let file_contents = tokenBudget
  const take = (section: keyof typeof SECTION_TOKENS) => {
    const share = Math.min(SECTION_TOKENS[section], Math.max(0, file_contents - LEAST_FILE_TOKENS))
    file_contents -= share
    return share
  }
  const shares = {
    system_rules: take('system_rules'),
    work_unit_definition: take('work_unit_definition'),
    iteration_context: take('iteration_context'),
    previous_output: take('previous_output'),
  }
  return { ...shares, file_contents }
}
