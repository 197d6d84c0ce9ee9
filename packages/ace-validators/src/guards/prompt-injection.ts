import { type ContextBlock, UNTRUSTED_KINDS } from '@ctxlock/contracts/context'
import type { AceError, CallInput, Guard, GuardRemoval, InjectionMatch, ScannedText } from '@ctxlock/contracts/guards'
import { ContextPackPayload } from '@ctxlock/contracts/packs'
import { canonicalReferenceId } from '@ctxlock/contracts/references'
import { canonicalHash, textHash } from '@ctxlock/core-hash'

import type { ScanBlock } from '../scanner/matches.ts'
import { errorsOf, outcome, shortened } from './outcome.ts'
import { scannerFor } from './profile-scanner.ts'
import { snippetTexts } from './snippet-texts.ts'

const NAME = 'PromptInjectionGuard'
const error = errorsOf(NAME)
const MOST = 256
const SUSPECTED = 'injection_suspected'

/**
 * Spec 05 section 3.6: reads the raw text behind everything that is not ours and answers with what it read, so that
 * assembly can refuse text that was not scanned (VAL-010, VAL-012). A hit poisons the job, one of V6 only quarantines.
 */
export const promptInjectionGuard: Guard = {
  name: NAME,
  validateCall(input) {
    const { blocks, errors } = untrustedBlocks(input)
    const scanned: ScannedText[] = blocks.map(({ block, content_hash }) => ({ order_key: block, content_hash }))
    const scanner = scannerFor(input.policy)
    const prompt = scanner.scan(blocks)
    const packs = input.packs.map(({ payload }) => ({ payload, result: scanner.scan(packTexts(payload)) }))
    const results = [prompt, ...packs.map(({ result }) => result)]
    const poison = results.filter(({ action }) => action === 'poison').flatMap(({ matches }) => matches)
    if (poison.length > 0) {
      const patterns = [...new Set(poison.map(({ pattern_id }) => pattern_id))]
      const detected = error('PromptInjectionDetected', { matches: poison.length, patterns: patterns.slice(0, 64) })
      // Detection goes first: it stops the pipeline whatever else is wrong (VAL-004).
      return outcome([detected, ...errors], { scanned, matches: poison.slice(0, MOST) })
    }
    const suspected = results.flatMap(({ matches }) => matches)
    if (suspected.length === 0 || errors.length > 0) return outcome(errors, { scanned })
    const removals = [
      ...prompt.matches.flatMap(({ members }) => members.map(removalOf)),
      ...packs.flatMap(({ payload, result }) => (result.action === 'none' ? [] : [packRemoval(payload)])),
    ]
    const unique = [...new Map(removals.map((removal) => [removal.id, removal])).values()]
    return outcome([], {
      verdict: 'quarantine',
      scanned,
      matches: suspected.slice(0, MOST),
      warnings: unique.map(({ id }) => `injection_suspected:${id}`),
      removals: unique,
    })
  },
}

function removalOf({ candidate_id, block }: InjectionMatch['members'][number]): GuardRemoval {
  return candidate_id === null
    ? { kind: 'block', id: block, reason: SUSPECTED }
    : { kind: 'candidate', id: candidate_id, reason: SUSPECTED }
}

/** A pack goes as a whole: its fields stand for themselves nowhere. */
function packRemoval(payload: unknown): GuardRemoval {
  return { kind: 'pack', id: canonicalHash(payload), reason: SUSPECTED }
}

/** VAL-042: snippets by their raw bytes, the other untrusted kinds by what the block holds; in prompt order. */
function untrustedBlocks({ envelope, snippets }: CallInput): { blocks: ScanBlock[]; errors: AceError[] } {
  const { texts } = snippetTexts(snippets)
  const byBlock = new Map(texts.map((text) => [text.snippet.order_key, text]))
  const errors: AceError[] = []
  const blocks: ScanBlock[] = []
  for (const block of [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]) {
    if (!UNTRUSTED_KINDS.has(block.kind)) continue
    const rendered = textHash(block.content)
    if (block.kind !== 'retrieved_snippet') {
      blocks.push(scanBlock(block, block.content, rendered, null))
      continue
    }
    const raw = byBlock.get(block.order_key)
    // VAL-011: what cannot be read is never skipped. What will be sent is scanned in any case.
    if (raw === undefined) errors.push(error('ContentUnresolvable', { block: shortened(block.order_key) }))
    else if (raw.hash !== rendered) errors.push(error('SnapshotMutated', { block: shortened(block.order_key) }))
    blocks.push(scanBlock(block, raw?.text ?? block.content, raw?.hash ?? rendered, raw?.snippet.candidate_id ?? null))
  }
  return { blocks, errors }
}

function scanBlock(block: ContextBlock, text: string, content_hash: string, candidate_id: string | null): ScanBlock {
  const [ref] = block.source_refs
  const source_ref_hash = ref === undefined ? null : textHash(canonicalReferenceId({ kind: 'source_ref', ref }))
  return { block: block.order_key, text, content_hash, candidate_id, source_ref_hash }
}

/** Every text field of a pack, in order, as neighbours: a pattern may be spread over two facts (CP-061). */
function packTexts(payload: unknown): ScanBlock[] {
  const parsed = ContextPackPayload.safeParse(payload)
  // Not a payload: CompactionSchemaGuard refuses it; here its strings are read all the same.
  const texts = parsed.success ? fieldsOf(parsed.data) : stringsOf(payload)
  return texts.map(({ block, text }) => ({
    block,
    text,
    content_hash: textHash(text),
    candidate_id: null,
    source_ref_hash: null,
  }))
}

function fieldsOf(payload: ContextPackPayload): { block: string; text: string }[] {
  const { synopsis, facts, constraints, open_loops, anchors, coverage } = payload
  return [
    { block: 'synopsis', text: synopsis },
    ...facts.map(({ fact_id, text }) => ({ block: fact_id, text })),
    ...constraints.map(({ constraint_id, text }) => ({ block: constraint_id, text })),
    ...open_loops.map(({ loop_id, question }) => ({ block: loop_id, text: question })),
    ...anchors.map(({ anchor_id, excerpt_hint }) => ({ block: anchor_id, text: excerpt_hint })),
    ...[...coverage.scanned_selectors, ...(coverage.skipped_selectors ?? [])].map((text) => ({
      block: 'coverage',
      text,
    })),
  ]
}

function stringsOf(value: unknown): { block: string; text: string }[] {
  if (typeof value === 'string') return [{ block: 'payload', text: value }]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : []
}
