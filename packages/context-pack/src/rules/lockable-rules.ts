import type { SourceHash, StrictRule } from '@ctxlock/contracts/packs'
import { SECRET_CATEGORIES, type Redactor } from '@ctxlock/contracts/ports'

import { PackError } from '../pack-error.ts'
import { assertNoRuntimeRead } from '../path-rules.ts'
import { assertNoSecret } from '../text/field-redactor.ts'

/**
 * Holds the rules of every folder to what a role pack holds its own to (CP-007, CP-033): a lockfile states the hash of their words,
 * from which a short secret can be guessed, and a rule no call can carry must not be locked. Throws `PACK_RUNTIME_READ_REF` and
 * `PACK_SECRET_DETECTED`.
 */
export function assertLockableRules(
  { rules, sources }: { readonly rules: readonly StrictRule[]; readonly sources: readonly SourceHash[] },
  redactor: Redactor,
): void {
  for (const { source_id } of sources) {
    assertNoRuntimeRead(`The rule source ${source_id}`, source_id)
    assertNoSecret(redactor, source_id)
  }
  for (const rule of rules) assertNoRuleSecret(rule, redactor)
}

/** A secret in a rule is refused rather than redacted: rule ids are derived from the text, and a rule must stay complete. */
export function assertNoRuleSecret({ rule_id, text }: StrictRule, redactor: Redactor): void {
  const finding = redactor.detect(text).find(({ category }) => SECRET_CATEGORIES.has(category))
  if (!finding) return
  throw new PackError(
    'PACK_SECRET_DETECTED',
    `The detector ${finding.detector_id} finds a secret in the rule ${rule_id}. Remove it from the rule file.`,
  )
}
