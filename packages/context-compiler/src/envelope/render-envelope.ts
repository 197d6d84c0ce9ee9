import { type ContextBlock, type PromptEnvelope, UNTRUSTED_KINDS } from '@ctxlock/contracts/context'
import { escapeEvidenceText, formatEvidenceBlock, formatUntrustedText } from '@ctxlock/contracts/evidence'
import type { Hash } from '@ctxlock/contracts/primitives'
import { parseSelector, type SourceRef } from '@ctxlock/contracts/references'
import { textHash } from '@ctxlock/core-hash'

export interface PromptMessage {
  readonly role: 'system' | 'user'
  readonly content: string
}

/** Where a block's text stands in the rendered prompt; offsets are UTF-16 code units of the message. */
export interface PromptSegment {
  readonly order_key: string
  readonly kind: ContextBlock['kind']
  readonly message: number
  readonly start: number
  readonly end: number
  /** `textHash` of the text between the offsets. */
  readonly text_hash: Hash
  /** The workspace text the segment shows; left out for text of other origin. */
  readonly source?: {
    readonly ref: SourceRef
    readonly start_line: number
    readonly end_line: number
    readonly text: string
  }
}

export interface RenderedPrompt {
  readonly messages: readonly PromptMessage[]
  readonly segments: readonly PromptSegment[]
}

type Side = Pick<PromptEnvelope, 'stable_prefix' | 'variable_suffix' | 'delimiter_nonce'>

/**
 * The messages that will be sent: the stable prefix as system message, the variable suffix as user message, blocks in order
 * with one empty line between. Nothing is added but the delimiters of untrusted blocks (ACE-013); in every block, lines that
 * imitate a delimiter carry a backslash more, so that no text but ours opens or closes one.
 */
export function renderEnvelope(envelope: Side): RenderedPrompt {
  const messages: PromptMessage[] = []
  const segments: PromptSegment[] = []
  for (const [role, { blocks }] of [
    ['system', envelope.stable_prefix] as const,
    ['user', envelope.variable_suffix] as const,
  ]) {
    if (blocks.length === 0) continue
    let content = ''
    for (const block of blocks) {
      if (content !== '') content += '\n\n'
      const { text, start, end } = renderBlock(block, envelope.delimiter_nonce)
      segments.push(segmentOf(block, messages.length, content.length + start, text.slice(start, end)))
      content += text
    }
    messages.push({ role, content })
  }
  return { messages, segments }
}

/** The block as it stands in the message, and where in it the block's own text begins and ends. */
function renderBlock(block: ContextBlock, nonce: string): { text: string; start: number; end: number } {
  if (!UNTRUSTED_KINDS.has(block.kind)) {
    const text = escapeEvidenceText(block.content)
    return { text, start: 0, end: text.length }
  }
  const place = linesOfBlock(block)
  const text = place
    ? formatEvidenceBlock(
        { sourceId: place.ref.id, startLine: place.start, endLine: place.end, text: block.content },
        nonce,
      )
    : formatUntrustedText(`${block.kind} ${block.order_key}`, block.content, nonce)
  const start = text.indexOf('\n') + 1
  return { text, start, end: text.lastIndexOf('\n') }
}

function segmentOf(block: ContextBlock, message: number, start: number, text: string): PromptSegment {
  const { order_key, kind, content } = block
  const place = kind === 'retrieved_snippet' ? linesOfBlock(block) : undefined
  const source = place && { ref: place.ref, start_line: place.start, end_line: place.end, text: content }
  return {
    order_key,
    kind,
    message,
    start,
    end: start + text.length,
    text_hash: textHash(text),
    ...(source && { source }),
  }
}

/** The lines a snippet stands for: those of its first `lines:` reference. */
export function linesOfBlock(block: ContextBlock): { ref: SourceRef; start: number; end: number } | undefined {
  if (block.kind !== 'retrieved_snippet') return undefined
  for (const ref of block.source_refs) {
    const place = parseSelector(ref.selector ?? '')
    if (place?.kind === 'lines') return { ref, start: place.start, end: place.end }
  }
  return undefined
}
