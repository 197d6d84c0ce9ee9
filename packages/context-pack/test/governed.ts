// A role and a work unit to build packs from, with every field in place and each list out of order.
import type { ContextPackBinding, RoleContextPack } from '@ctxlock/contracts/packs'

import { bindPacks, type BindPacksInput } from '../src/binding/binding.ts'
import { buildRolePack, type RolePackInput } from '../src/roles/role-pack.ts'
import { buildWorkUnitPack, type WorkUnitPackInput } from '../src/roles/work-unit-pack.ts'
import { parseRules } from '../src/rules/rule-file.ts'
import { clock, memoryStore, testRedactor, tokenCounter } from './support.ts'

export const ruleFile = parseRules(
  new TextEncoder().encode(
    '- You MUST run the tests\n- NEVER push to main\n\n## Guidelines\n\n- prefer small functions\n',
  ),
  'AGENTS.md',
)

export function roleInput(change: Partial<RolePackInput> = {}): RolePackInput {
  return {
    role_id: 'worker',
    runtime_role: 'worker',
    governance_mode: 'gov_standard',
    automation_level: 'HYBRID',
    policy_profile_id: 'default',
    protocol_refs: [
      { ref_id: 'file:AGENTS.md', version: '1', content_hash: ruleFile.source.source_hash },
      { ref_id: 'ctxlock:codex', version: '1', content_hash: 'c'.repeat(64) },
    ],
    allowed_tools: [
      { tool_id: 'fs.write', side_effect: 'WRITE' },
      { tool_id: 'fs.read', side_effect: 'READ' },
    ],
    denied_tools: ['shell'],
    capabilities: ['fs.write', 'fs.read'],
    rules: ruleFile.rules,
    governedSources: [ruleFile.source],
    anchors: { has: () => true },
    redactor: testRedactor,
    tokenCounter,
    clock,
    store: memoryStore(),
    ...change,
  }
}

export function workUnitInput(rolePack: RoleContextPack, change: Partial<WorkUnitPackInput> = {}): WorkUnitPackInput {
  return {
    rolePack,
    work_unit: { kind: 'mt', wp_id: 'WP-1', mt_id: 'MT-001' },
    in_scope_paths: ['src/', 'docs/*.md'],
    lockKeys: ['src/b.ts', 'src/a.ts', 'docs/guide.md'],
    files: { read: ['src/c.ts'], modify: ['src/b.ts', 'docs/guide.md'], create: ['src/a.ts'] },
    task: { title: 'Add', scope: 'Add two numbers.', actions: ['write add', 'test add'] },
    allowed_tools: [{ tool_id: 'fs.read', side_effect: 'READ' }],
    verification_contract: {
      verify: [{ command: 'node --test', expect: 'exit_0', timeout_ms: 30_000, blocking: true }],
      done: [{ description: 'tests pass', verification: 'automated', verify_ref: 0 }],
      required_validators: ['quotation_check'],
      required_gates: [],
    },
    context_payload: {
      token_budget: 4000,
      allocation: {
        system_rules: 300,
        iteration_context: 0,
        work_unit_definition: 500,
        file_contents: 3200,
        previous_output: 0,
      },
      prefer_context_packs: true,
      context_pack_policy: { regen_allowed: true, regen_required: false, stale_handling: 'fallback' },
      retrieval_budgets: {
        max_total_evidence_tokens: 1200,
        max_snippets_total: 6,
        max_snippets_per_source: 2,
        max_candidates_total: 60,
        max_read_tokens: 250,
        max_tool_calls: 8,
        max_rerank_candidates: 30,
        tool_delta_inline_char_limit: 2000,
      },
      token_counter_id: tokenCounter.id,
    },
    context_pack_refs: [
      {
        target: '["source_ref","span","file:src/c.ts",null,null]',
        payload_hash: 'd'.repeat(64),
        source_hashes: ['e'.repeat(64)],
      },
    ],
    sources: [{ source_id: 'task:WP-1', source_hash: 'f'.repeat(64) }],
    redactor: testRedactor,
    clock,
    store: memoryStore(),
    ...change,
  }
}

export function builtPair(role: Partial<RolePackInput> = {}, workUnit: Partial<WorkUnitPackInput> = {}) {
  const rolePack = buildRolePack(roleInput(role))
  return { rolePack, workUnitPack: buildWorkUnitPack(workUnitInput(rolePack.pack, workUnit)) }
}

export function bindingInput(pair: ReturnType<typeof builtPair>, change: Partial<BindPacksInput> = {}): BindPacksInput {
  return {
    job_id: 'job-1',
    workflow_run_id: 'run-1',
    session_id: 'session-1',
    identity: {
      role: 'worker',
      model_id: 'model-a',
      backend: 'local',
      parameter_class: 'P7B',
      cloud_reasoning_strength: null,
      session_id: 'session-1',
      model_instance_id: null,
      wp_id: 'WP-1',
      mt_id: 'MT-001',
    },
    provider_id: 'local',
    reason: 'job_start',
    clock,
    ...pair,
    ...change,
  }
}

export function boundAtStart(pair: ReturnType<typeof builtPair>): ContextPackBinding {
  return bindPacks(bindingInput(pair)).binding
}
