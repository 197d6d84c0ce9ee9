import { RuleAnchor } from '@ctxlock/contracts/compaction'
import type { SourceHash, StrictRule } from '@ctxlock/contracts/packs'
import type { TokenCounter } from '@ctxlock/contracts/ports'
import { parseSelector } from '@ctxlock/contracts/references'

import { PackError } from '../pack-error.ts'

export const DEFAULT_STRICT_RULES_MAX_TOKENS = 300
export const STRICT_RULES_TOKEN_CEILING = 600
const HEAVIEST_SHOWN = 8

/** True for a registered `LAW:` or `RID:` anchor. */
export interface RuleAnchors {
  has(anchor: string): boolean
}

/**
 * CP-043: every rule comes from a source the host named as governed, at the hash it has there. What a file, a tool or a model
 * says cannot become a rule by being put in this list: it has no such source. Throws `PACK_UNGOVERNED_RULE`.
 */
export function assertGoverned(rules: readonly StrictRule[], governed: readonly SourceHash[]): void {
  const hashes = new Map(governed.map((source) => [source.source_id, source.source_hash]))
  for (const { rule_id, source_refs } of rules) {
    const isGoverned = source_refs.every(
      ({ id, hash, selector }) =>
        hash !== undefined &&
        hashes.get(id) === hash &&
        (selector === undefined || parseSelector(selector) !== undefined),
    )
    if (isGoverned && source_refs.length > 0) continue
    throw new PackError(
      'PACK_UNGOVERNED_RULE',
      `${rule_id} does not come from a governed source at its recorded hash. Name its file under rules.files, or drop the rule.`,
    )
  }
}

/** CP-044. Throws `PACK_UNKNOWN_ANCHOR`. */
export function assertAnchored(rules: readonly StrictRule[], anchors: RuleAnchors): void {
  for (const { rule_id, severity, anchor_ref } of rules) {
    if (severity !== 'hard' || (RuleAnchor.safeParse(anchor_ref).success && anchors.has(anchor_ref))) continue
    throw new PackError(
      'PACK_UNKNOWN_ANCHOR',
      `The hard rule ${rule_id} names no anchor of the rule registry. Register it as LAW:<id> or RID:<id>.`,
    )
  }
}

/** The tokens of the rules as they stand in a prompt, one per line. */
export function strictRulesTokens(rules: readonly StrictRule[], counter: TokenCounter): number {
  return counter.count(rules.map(({ text }) => text).join('\n'))
}

/** CP-045: rules are never cut, so rules that do not fit are refused. Throws `PACK_BUDGET_EXCEEDED`. */
export function assertWithinBudget(rules: readonly StrictRule[], maximum: number, counter: TokenCounter): void {
  if (maximum > STRICT_RULES_TOKEN_CEILING) {
    throw new PackError(
      'PACK_BUDGET_EXCEEDED',
      `strict_rules_max_tokens is ${maximum}; at most ${STRICT_RULES_TOKEN_CEILING} are permitted.`,
    )
  }
  const needed = strictRulesTokens(rules, counter)
  if (needed <= maximum) return
  const heaviest = rules
    .map((rule) => ({ rule, tokens: counter.count(rule.text) }))
    .sort((a, b) => b.tokens - a.tokens || (a.rule.rule_id < b.rule.rule_id ? -1 : 1))
    .map(({ rule, tokens }) => `${rule.rule_id} ${tokens} (${placeOf(rule)})`)
  const others = heaviest.length > HEAVIEST_SHOWN ? ` and ${heaviest.length - HEAVIEST_SHOWN} lighter` : ''
  throw new PackError(
    'PACK_BUDGET_EXCEEDED',
    `${rules.length} strict rules need ${needed} tokens (${counter.id}); ${maximum} are allowed and ${STRICT_RULES_TOKEN_CEILING} is the ceiling. ` +
      `Heaviest: ${heaviest.slice(0, HEAVIEST_SHOWN).join(', ')}${others}. ` +
      'Shorten or remove rules, give the work a narrower scope, or raise rules.max_tokens; rules are never cut.',
  )
}

function placeOf({ source_refs: [ref] }: StrictRule): string {
  return [ref?.id ?? 'no source', ref?.selector].filter(Boolean).join(' ')
}
