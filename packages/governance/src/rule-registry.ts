import { canonicalHash } from '@ctxlock/core-hash'
import { RuleAnchor } from '@ctxlock/contracts/compaction'
import type { Hash } from '@ctxlock/contracts/primitives'
import { RegisteredRule } from '@ctxlock/contracts/rules'

import { GovernanceError } from './governance-error.ts'
import { schemaProblems } from './schema-problems.ts'

/** The anchors a strict rule or a compaction constraint may name. `has` is the port the guards take (VAL-022). */
export interface RuleRegistry {
  /** Sorted by anchor. */
  readonly rules: readonly RegisteredRule[]
  /** Canonical hash of `rules`. */
  readonly hash: Hash
  has(anchor: string): boolean
  find(anchor: string): RegisteredRule | undefined
}

/** Takes the rules the host read from its pinned sources. Throws `RULES_INVALID`: one anchor names one rule. */
export function createRuleRegistry(rules: readonly unknown[]): RuleRegistry {
  const byAnchor = new Map<string, RegisteredRule>()
  const problems: string[] = []
  for (const [index, value] of rules.entries()) {
    const parsed = RegisteredRule.safeParse(value)
    if (!parsed.success) {
      problems.push(...schemaProblems(parsed.error, `rules.${index}`))
    } else if (byAnchor.has(parsed.data.anchor)) {
      problems.push(`rules.${index}: the anchor ${parsed.data.anchor} is registered twice`)
    } else {
      byAnchor.set(parsed.data.anchor, Object.freeze(parsed.data))
    }
  }
  if (problems.length > 0) throw new GovernanceError('RULES_INVALID', 'The rule registry was refused:', problems)
  const sorted = [...byAnchor.values()].sort((a, b) => (a.anchor < b.anchor ? -1 : 1))
  return {
    rules: Object.freeze(sorted),
    hash: canonicalHash(sorted),
    has: (anchor) => byAnchor.has(anchor),
    find: (anchor) => byAnchor.get(anchor),
  }
}

/** True for an anchor that is well-formed and registered (CP-044). */
export function isKnownAnchor(registry: Pick<RuleRegistry, 'has'>, anchor: unknown): anchor is RuleAnchor {
  const parsed = RuleAnchor.safeParse(anchor)
  return parsed.success && registry.has(parsed.data)
}
