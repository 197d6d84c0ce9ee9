import { oneLine } from '@ctxlock/contracts/extraction-text'
import { bytesHash, canonicalHash } from '@ctxlock/core-hash'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { SourceHash, StrictRule } from '@ctxlock/contracts/packs'
import { fileSourceId, type SourceRef } from '@ctxlock/contracts/references'

import { readMarkdownBlocks } from '../markdown/blocks.ts'
import { PackError } from '../pack-error.ts'
import { assertWorkspacePath } from '../path-rules.ts'
import { assertVisible } from './hidden-text.ts'
import { ruleCandidates, type RuleCandidate } from './rule-candidates.ts'

export const MAX_FILE_BYTES = 1024 * 1024
/** The schema's limit in UTF-16 units; the token budget is smaller still. */
const MAX_RULE_LENGTH = 4096
const MAX_PLACES = 8

export interface RuleFile {
  /** For the governed sources of a role pack and for the lockfile. */
  readonly source: SourceHash
  /** By rule id. */
  readonly rules: readonly StrictRule[]
}

/**
 * The strict rules of one Markdown file that the host names as governed (CP-043); nothing else may be passed here.
 *
 * A hard rule is a list item, or a sentence of a paragraph, with one of the upper-case words MUST, SHALL, NEVER, ALWAYS,
 * DO NOT and REQUIRED outside code spans. A soft rule is a list item under a heading that speaks of rules, constraints or
 * guidelines and contains should, prefer or avoid. A rule that ends with a colon takes in the list that follows. Code, tables, HTML
 * and comments are never rules. The id depends on path and text only, so moving a rule changes its lines but not its id.
 *
 * Throws `PACK_ABSOLUTE_PATH`, `PACK_RULE_FILE_UNREADABLE` (not UTF-8, or over 1 MiB), `PACK_HIDDEN_TEXT` for a rule with
 * characters no reader sees, `PACK_BUDGET_EXCEEDED` for one no budget can hold.
 */
export function parseRules(bytes: Uint8Array, path: string): RuleFile {
  const text = ruleText(bytes, path)
  const source = { source_id: fileSourceId(path), source_hash: bytesHash(bytes) }
  const rules = new Map<string, StrictRule>()
  for (const candidate of ruleCandidates(readMarkdownBlocks(text))) {
    const rule = toRule(candidate, path, source)
    const same = rules.get(rule.rule_id)
    rules.set(rule.rule_id, same ? merge(same, rule) : rule)
  }
  return { source, rules: [...rules.values()].sort((a, b) => (a.rule_id < b.rule_id ? -1 : 1)) }
}

/** The text of a rule file. Throws `PACK_ABSOLUTE_PATH` and `PACK_RULE_FILE_UNREADABLE`. */
export function ruleText(bytes: Uint8Array, path: string): string {
  assertWorkspacePath('The path of a rule file', path)
  const text = bytes.length <= MAX_FILE_BYTES ? decodeSourceText(bytes) : undefined
  if (text !== undefined) return text.replace(/^\uFEFF/, '')
  throw new PackError(
    'PACK_RULE_FILE_UNREADABLE',
    `${path} must be UTF-8 text of at most ${MAX_FILE_BYTES} bytes; got ${bytes.length} bytes${bytes.length <= MAX_FILE_BYTES ? ' of something else' : ''}.`,
  )
}

function toRule(candidate: RuleCandidate, path: string, source: SourceHash): StrictRule {
  const { severity, startLine, endLine } = candidate
  const text = oneLine(candidate.text)
  const selector = `lines:${startLine}-${endLine}`
  assertVisible(text, `${path} ${selector}`)
  if (text.length > MAX_RULE_LENGTH) {
    throw new PackError(
      'PACK_BUDGET_EXCEEDED',
      `The rule at ${path} ${selector} has ${text.length} characters; at most ${MAX_RULE_LENGTH} are possible. Split or shorten it.`,
    )
  }
  const ruleId = `R-${canonicalHash([path, text]).slice(0, 12).toUpperCase()}`
  const ref: SourceRef = { kind: 'span', id: source.source_id, hash: source.source_hash, selector }
  return { rule_id: ruleId, severity, text, anchor_ref: `RID:${ruleId}`, source_refs: [ref] }
}

/** The same text twice is one rule with two places, up to a few; the stricter reading holds. */
function merge(first: StrictRule, second: StrictRule): StrictRule {
  return {
    ...first,
    severity: first.severity === 'hard' ? 'hard' : second.severity,
    source_refs: [...first.source_refs, ...second.source_refs].slice(0, MAX_PLACES),
  }
}
