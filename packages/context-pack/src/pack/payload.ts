import { canonicalize, textHash } from '@ctxlock/core-hash'
import { cleanText, cutRoughly, quoteStart, RAW_TEXT_LIMIT, truncate } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, ExtractedText, LineRange } from '@ctxlock/contracts/extractor'
import type { ContextPackPayload, PackAnchor, Redaction } from '@ctxlock/contracts/packs'
import type { Redactor } from '@ctxlock/contracts/ports'
import { fileSourceId, type SourceRef } from '@ctxlock/contracts/references'

import type { CheckedExtraction } from '../extractors/checked-extraction.ts'
import { PackError } from '../pack-error.ts'
import { createFieldRedactor, redactionsAt, sortedRedactions, type RedactedField } from '../text/field-redactor.ts'
import { allowedLines, linesSelector } from './allowed-lines.ts'
import type { PackLimits } from './limits.ts'

const SYNOPSIS_LENGTH = 800
const HINT_LENGTH = 200
const TEXT_LENGTH = 512

export interface PayloadSource {
  readonly path: string
  readonly hash: string
  readonly text: string
}

/** One entry of a payload list, before it is known at which index it will stand. */
interface Draft<Item> {
  readonly id: string
  readonly item: Item
  readonly field: RedactedField
}

/**
 * Turns what an extractor found into a payload: bounded, redacted, with derived ids and in the order of CP-015.
 * Throws `PACK_NOT_ANCHORED` (CP-012) and `PACK_SECRET_DETECTED` (CP-033).
 */
export function composePayload(
  source: PayloadSource,
  checked: CheckedExtraction,
  redactor: Redactor,
  limits: PackLimits,
  selectorAllowlist?: readonly string[],
): ContextPackPayload {
  const { extraction, extractor, fallbackReason, lineCount } = checked
  const sourceId = fileSourceId(source.path)
  const derivedId = idsWithin(sourceId)
  const redact = createFieldRedactor(redactor, source.text)
  const allowed = allowedLines(lineCount, selectorAllowlist)
  const isAllowed = (range: LineRange) => allowed.includes(range)

  const anchors = atMost(limits.maxAnchors, uniqueRanges(extraction.anchors.filter(isAllowed).sort(byWeight)))
  const facts = atMost(limits.maxFacts, (extraction.facts ?? []).filter(isAllowed))
  const constraints = atMost(limits.maxConstraints, hardFirst((extraction.constraints ?? []).filter(isAllowed)))
  const loops = atMost(limits.maxOpenLoops, (extraction.openLoops ?? []).filter(isAllowed))
  const omitted = anchors.omitted + facts.omitted + constraints.omitted + loops.omitted

  const kept = {
    anchors: anchorDrafts(anchors.kept).sort(byPosition),
    facts: textDrafts('f-', facts.kept).sort(byId),
    constraints: textDrafts('c-', constraints.kept).sort(byId),
    loops: textDrafts('l-', loops.kept).sort(byId),
  }
  if (kept.anchors.length === 0) {
    throw new PackError('PACK_NOT_ANCHORED', 'The file has no part that could be pointed at, so it gets no pack.')
  }
  const synopsis = redactedTo(SYNOPSIS_LENGTH, synopsisText())

  return {
    schema_version: 'hsk.context_pack_payload@1',
    synopsis: synopsis.text,
    facts: kept.facts.map(({ id, item, field }) => ({
      fact_id: id,
      text: field.text,
      source_refs: [refTo(item)],
      confidence: 1,
    })),
    constraints: kept.constraints.map(({ id, item, field }) => ({
      constraint_id: id,
      text: field.text,
      source_refs: [refTo(item)],
      severity: item.severity,
    })),
    open_loops: kept.loops.map(({ id, item, field }) => ({
      loop_id: id,
      question: field.text,
      source_refs: [refTo(item)],
    })),
    anchors: kept.anchors.map(({ id, item, field }): PackAnchor => ({
      anchor_id: id,
      source_ref: refTo(item),
      excerpt_hint: field.text,
    })),
    coverage: {
      scanned_selectors: allowed.scanned.map(linesSelector).sort(),
      ...(allowed.skipped.length > 0 && { skipped_selectors: allowed.skipped.map(linesSelector).sort() }),
      extractor,
      ...(fallbackReason && { fallback_reason: fallbackReason }),
      ...(omitted > 0 && { omitted_items: omitted }),
    },
    redactions: sortedRedactions([
      ...redactionsAt('/synopsis', synopsis),
      ...listRedactions('facts', 'text', kept.facts),
      ...listRedactions('constraints', 'text', kept.constraints),
      ...listRedactions('open_loops', 'question', kept.loops),
      ...listRedactions('anchors', 'excerpt_hint', kept.anchors),
    ]),
  }

  function refTo(range: LineRange): SourceRef {
    return { kind: 'span', id: sourceId, hash: source.hash, selector: linesSelector(range) }
  }

  function anchorDrafts(found: readonly ExtractedAnchor[]): Draft<ExtractedAnchor>[] {
    return found.flatMap((item) => {
      const field = redactedTo(HINT_LENGTH, quoteStart(item.hint) || quoteStart(`${item.kind} ${item.name}`))
      return field.text === '' ? [] : [{ id: derivedId('a-', item), item, field }]
    })
  }

  function textDrafts<Item extends ExtractedText>(prefix: string, found: readonly Item[]): Draft<Item>[] {
    const drafts = new Map<string, Draft<Item>>()
    for (const item of found) {
      const field = redactedTo(TEXT_LENGTH, quoteStart(item.text))
      const id = derivedId(prefix, item, field.text)
      if (field.text !== '' && !drafts.has(id)) drafts.set(id, { id, item, field })
    }
    return [...drafts.values()]
  }

  function redactedTo(length: number, text: string): RedactedField {
    const field = redact(text)
    return { text: truncate(field.text, length).trim(), counts: field.counts }
  }

  /** What the file says about itself, or its path and the names of its parts; nothing is made up. */
  function synopsisText(): string {
    const own = [extraction.title ?? '', extraction.summary ?? '']
      .map((part) => cleanText(cutRoughly(part, RAW_TEXT_LIMIT)).trim())
      .filter((part) => part !== '')
    if (own.length > 0) return own.join('\n')
    const names = kept.anchors.map(({ item }) => quoteStart(item.name)).join(', ')
    return cutRoughly(`${source.path}: ${names}`, RAW_TEXT_LIMIT * 4)
  }
}

interface Selection<Item> {
  readonly kept: readonly Item[]
  readonly omitted: number
}

function atMost<Item>(maximum: number, items: readonly Item[]): Selection<Item> {
  return { kept: items.slice(0, maximum), omitted: Math.max(0, items.length - maximum) }
}

/** Anchor ids are derived from the selector, so two anchors for the same lines would be one; the first is kept. */
function uniqueRanges(anchors: readonly ExtractedAnchor[]): ExtractedAnchor[] {
  const bySelector = new Map<string, ExtractedAnchor>()
  for (const anchor of anchors) {
    const selector = linesSelector(anchor)
    if (!bySelector.has(selector)) bySelector.set(selector, anchor)
  }
  return [...bySelector.values()]
}

/** Outermost first and larger first: what is kept when there are more than a pack may hold. */
function byWeight(a: ExtractedAnchor, b: ExtractedAnchor): number {
  return a.depth - b.depth || b.endLine - b.startLine - (a.endLine - a.startLine) || a.startLine - b.startLine
}

function hardFirst<Item extends { readonly severity: 'hard' | 'soft' }>(items: readonly Item[]): Item[] {
  return [
    ...items.filter(({ severity }) => severity === 'hard'),
    ...items.filter(({ severity }) => severity === 'soft'),
  ]
}

/** CP-014: the hash is that of the array of source, selector and text, whose first element is written once. */
function idsWithin(sourceId: string) {
  const source = canonicalize(sourceId)
  return (prefix: string, range: LineRange, text?: string): string => {
    const rest = text === undefined ? '' : `,${canonicalize(text)}`
    return prefix + textHash(`[${source},"${linesSelector(range)}"${rest}]`).slice(0, 12)
  }
}

/** CP-015. All anchors of a payload built here have the same source. */
function byPosition(a: Draft<ExtractedAnchor>, b: Draft<ExtractedAnchor>): number {
  return a.item.startLine - b.item.startLine || (a.id < b.id ? -1 : 1)
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}

function listRedactions(list: string, name: string, drafts: readonly Draft<unknown>[]): Redaction[] {
  return drafts.flatMap(({ field }, index) => redactionsAt(`/${list}/${index}/${name}`, field))
}
