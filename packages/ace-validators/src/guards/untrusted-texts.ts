import { type ContextBlock, UNTRUSTED_KINDS } from '@ctxlock/contracts/context'
import type { AceError, CallInput, TraceInput } from '@ctxlock/contracts/guards'
import { ContextPackPayload } from '@ctxlock/contracts/packs'
import { canonicalReferenceId, type SourceRef } from '@ctxlock/contracts/references'
import { oncePerSettled, textHash } from '@ctxlock/core-hash'

import type { ScanBlock } from '../scanner/matches.ts'
import { errorsOf, shortened } from './outcome.ts'
import { snippetTexts } from './snippet-texts.ts'

const error = errorsOf('PromptInjectionGuard')

/** What is about to become evidence, in its order. What cannot be read is left to the call hook, which blocks on it. */
export function candidateTexts({ trace, snippets }: TraceInput): ScanBlock[] {
  const refs = new Map(trace.spans.map(({ span_id, ref }) => [span_id, ref]))
  return snippetTexts(snippets).texts.map(({ snippet: { span_id, candidate_id }, text, hash }) => ({
    block: span_id,
    text,
    content_hash: hash,
    candidate_id,
    source_ref_hash: hashOfRef(refs.get(span_id)),
  }))
}

/** VAL-042: snippets by their raw bytes, the other untrusted kinds by what the block holds; in prompt order. */
export function promptTexts({ envelope, snippets }: CallInput): { blocks: ScanBlock[]; errors: AceError[] } {
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
  return { block: block.order_key, text, content_hash, candidate_id, source_ref_hash: hashOfRef(block.source_refs[0]) }
}

function hashOfRef(ref: SourceRef | undefined): string | null {
  return ref === undefined ? null : textHash(canonicalReferenceId({ kind: 'source_ref', ref }))
}

/** Every text field of a pack, in order, as neighbours: a pattern may be spread over two facts (CP-061). */
export const packTexts = oncePerSettled((payload: unknown): readonly ScanBlock[] => {
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
})

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
