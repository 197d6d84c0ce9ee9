// The rules a strict rule or a compaction constraint may refer to (CP-044, VAL-022).
import { z } from 'zod'

import { RuleAnchor } from './compaction.ts'
import { Hash } from './primitives.ts'
import { Selector } from './references.ts'

/**
 * Conventions by which files of the workspace become rule sources wherever they lie: `AGENTS.md`, `CLAUDE.md`, and
 * `.cursor/rules/*.mdc`.
 */
export const RuleConvention = z.enum(['agents-md', 'claude-md', 'cursor-rules'])
export type RuleConvention = z.infer<typeof RuleConvention>

/** The name of a skill: the folder its `SKILL.md` lies in, and the `name` in that file. */
export const SkillName = z.string().regex(/^(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*$/)

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
