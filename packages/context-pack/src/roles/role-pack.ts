import { canonicalSet, canonicalize } from '@ctxlock/core-hash'
import { RoleContextPack, type SourceHash, type StrictRule } from '@ctxlock/contracts/packs'
import type { ArtifactStore, Clock, Redactor, TokenCounter } from '@ctxlock/contracts/ports'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import { PackError } from '../pack-error.ts'
import { assertNoRuntimeRead } from '../path-rules.ts'
import { assertNoRuleSecret } from '../rules/lockable-rules.ts'
import {
  assertAnchored,
  assertGoverned,
  assertWithinBudget,
  DEFAULT_STRICT_RULES_MAX_TOKENS,
  type RuleAnchors,
} from '../rules/strict-rules.ts'
import { createFieldRedactor, redactionsAt, sortedRedactions } from '../text/field-redactor.ts'
import { assertNoSecrets, openSealedPack, sealPack, setBy, storePack } from './sealed-pack.ts'

type RoleFields = Pick<
  RoleContextPack,
  | 'role_id'
  | 'runtime_role'
  | 'governance_mode'
  | 'automation_level'
  | 'policy_profile_id'
  | 'protocol_refs'
  | 'allowed_tools'
  | 'denied_tools'
  | 'capabilities'
>

export interface RolePackInput extends RoleFields {
  /** From `parseRules`, or built into the host. */
  readonly rules: readonly StrictRule[]
  /** The sources rules may come from, at their current hashes (CP-043). */
  readonly governedSources: readonly SourceHash[]
  /** 300 if left out; 600 is the ceiling. */
  readonly strictRulesMaxTokens?: number
  readonly anchors: RuleAnchors
  readonly redactor: Redactor
  readonly tokenCounter: TokenCounter
  readonly clock: Clock
  readonly store: ArtifactStore
  /** Whether a model on another machine may be shown this pack; not if left out (CP-005). */
  readonly exportable?: boolean
}

export interface BuiltPack<Pack> {
  readonly pack: Pack
  readonly artifact: ArtifactHandle
}

/**
 * Assembles the pack of a role in the order of CP-042 and writes it last, so that a failure leaves nothing behind. The same
 * input in any order gives the same `pack_hash` (CP-001); the time and the id stay out of it.
 *
 * Throws `PACK_INVALID`, `PACK_RUNTIME_READ_REF`, `PACK_UNGOVERNED_RULE`, `PACK_UNKNOWN_ANCHOR`, `PACK_SECRET_DETECTED`,
 * `PACK_BUDGET_EXCEEDED`.
 */
export function buildRolePack(input: RolePackInput): BuiltPack<RoleContextPack> {
  const { redactor, tokenCounter, clock, store, anchors } = input
  const sources = setBy('governedSources', input.governedSources, (source) => source.source_id)
  const rules = setBy('rules', input.rules, (rule) => rule.rule_id)
  const redacted = redactRules(rules, redactor)
  const maxTokens = input.strictRulesMaxTokens ?? DEFAULT_STRICT_RULES_MAX_TOKENS
  assertWithinBudget(redacted.rules, maxTokens, tokenCounter)
  const pack = sealPack<RoleContextPack>(
    {
      schema_version: 'hsk.role_context_pack@1',
      role_id: input.role_id,
      runtime_role: input.runtime_role,
      governance_mode: input.governance_mode,
      automation_level: input.automation_level,
      policy_profile_id: input.policy_profile_id,
      protocol_refs: setBy('protocol_refs', input.protocol_refs, (ref) => ref.ref_id),
      allowed_tools: setBy('allowed_tools', input.allowed_tools, (tool) => tool.tool_id),
      ...(input.denied_tools && { denied_tools: canonicalSet(input.denied_tools) }),
      capabilities: canonicalSet(input.capabilities),
      strict_rules: redacted.rules,
      strict_rules_max_tokens: maxTokens,
      redactions: redacted.redactions,
      sources,
    },
    RoleContextPack,
    clock,
  )
  assertRolePack(pack, { anchors, redactor })
  return { pack, artifact: storePack(pack, store, input.exportable) }
}

/** What a reader has at hand; checks whose port is missing are left out. */
export interface RolePackPorts {
  readonly anchors?: RuleAnchors
  readonly redactor?: Redactor
  readonly tokenCounter?: TokenCounter
}

/**
 * Reads the bytes of a role pack and checks everything it says about itself (CP-041..CP-045).
 * Throws what `buildRolePack` throws and `PACK_HASH_MISMATCH`.
 */
export function verifyRolePack(bytes: Uint8Array, ports: RolePackPorts = {}): RoleContextPack {
  const pack = openSealedPack(bytes, RoleContextPack)
  assertRolePack(pack, ports)
  return pack
}

function assertRolePack(pack: RoleContextPack, { anchors, redactor, tokenCounter }: RolePackPorts): void {
  assertSets(pack)
  for (const { ref_id } of pack.protocol_refs) assertNoRuntimeRead('protocol_refs', ref_id)
  for (const { source_id } of pack.sources) assertNoRuntimeRead('sources', source_id)
  assertGoverned(pack.strict_rules, pack.sources)
  if (anchors) assertAnchored(pack.strict_rules, anchors)
  if (redactor) assertNoSecrets(pack, redactor)
  if (tokenCounter) assertWithinBudget(pack.strict_rules, pack.strict_rules_max_tokens, tokenCounter)
}

function assertSets(pack: RoleContextPack): void {
  const sets = {
    protocol_refs: setBy('protocol_refs', pack.protocol_refs, (ref) => ref.ref_id),
    allowed_tools: setBy('allowed_tools', pack.allowed_tools, (tool) => tool.tool_id),
    capabilities: canonicalSet(pack.capabilities),
    strict_rules: setBy('strict_rules', pack.strict_rules, (rule) => rule.rule_id),
    sources: setBy('sources', pack.sources, (source) => source.source_id),
    ...(pack.denied_tools && { denied_tools: canonicalSet(pack.denied_tools) }),
  }
  for (const [field, set] of Object.entries(sets)) {
    if (canonicalize(set) === canonicalize(Reflect.get(pack, field))) continue
    throw new PackError('PACK_INVALID', `${field} must be sorted and hold every entry once.`)
  }
}

function redactRules(rules: readonly StrictRule[], redactor: Redactor) {
  const redact = createFieldRedactor(redactor)
  for (const rule of rules) assertNoRuleSecret(rule, redactor)
  const fields = rules.map(({ text }) => redact(text))
  return {
    rules: rules.map((rule, index) => ({ ...rule, text: fields[index]?.text ?? rule.text })),
    redactions: sortedRedactions(fields.flatMap((field, index) => redactionsAt(`/strict_rules/${index}/text`, field))),
  }
}
