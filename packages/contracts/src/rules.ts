// The rules a strict rule or a compaction constraint may refer to (CP-044, VAL-022).
import { z } from 'zod'

import { RuleAnchor } from './compaction.ts'
import { Hash } from './primitives.ts'
import { Selector } from './references.ts'

/** One rule by name, hash and place; its text stays where it is. */
export const RegisteredRule = z
  .strictObject({
    anchor: RuleAnchor,
    /** Text hash of the rule's exact words (CJ-033). */
    text_hash: Hash,
    source: z.strictObject({
      /** Such as `file:AGENTS.md`, or the name of a built-in set. */
      source_id: z
        .string()
        .min(1)
        .max(4200)
        .regex(/^[^\p{Cc}]+$/u),
      /** Hash of the whole source, which pins it. */
      source_hash: Hash,
      selector: Selector.exactOptional(),
    }),
  })
  .meta({ id: 'RegisteredRule' })
export type RegisteredRule = z.infer<typeof RegisteredRule>
