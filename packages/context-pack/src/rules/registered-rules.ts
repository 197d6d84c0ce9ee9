import { textHash } from '@ctxlock/core-hash'
import { RuleAnchor } from '@ctxlock/contracts/compaction'
import type { RegisteredRule } from '@ctxlock/contracts/rules'

import { PackError } from '../pack-error.ts'
import type { RuleFile } from './rule-file.ts'

/** What the host enters into its rule registry for a rule file (CP-044, VAL-022). */
export function registeredRules({ source, rules }: RuleFile): RegisteredRule[] {
  return rules.map((rule) => {
    const anchor = RuleAnchor.safeParse(rule.anchor_ref)
    if (!anchor.success) throw new PackError('PACK_UNKNOWN_ANCHOR', `${rule.rule_id} has no LAW: or RID: anchor.`)
    const selector = rule.source_refs[0]?.selector
    return {
      anchor: anchor.data,
      text_hash: textHash(rule.text),
      source: { ...source, ...(selector !== undefined && { selector }) },
    }
  })
}
