import { capture } from '@ctxlock/ace-validators'
import type { Retrieval } from '@ctxlock/context-compiler'
import type { PromptEnvelope } from '@ctxlock/contracts/context'
import { decodeSourceText, selectText } from '@ctxlock/contracts/evidence'
import type { ResolvedSnippet } from '@ctxlock/contracts/guards'
import type { ContextPackRecord } from '@ctxlock/contracts/packs'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { bytesHash, parseCanonical } from '@ctxlock/core-hash'

import type { GuardSession } from '../../session/build-session.ts'
import { onceFor } from '../../session/remembered-values.ts'
import { bytesIfStored } from '../packs/stored-bytes.ts'

/**
 * The text behind every piece of evidence, read once more from its file for the guards (VAL-010). Null where the file is no
 * longer what was cited: the guards block on that.
 */
export function resolveSnippets(
  session: GuardSession,
  { snippets }: Pick<Retrieval, 'snippets'>,
  envelope?: PromptEnvelope,
): ResolvedSnippet[] {
  const blocks = envelope?.variable_suffix.blocks.filter(({ kind }) => kind === 'retrieved_snippet') ?? []
  return snippets.map(({ span, candidate_id }, index) => ({
    span_id: span.span_id,
    candidate_id,
    // Blocks are made from snippets one by one, in their order.
    order_key: blocks[index]?.order_key ?? null,
    bytes: citedBytes(session, span.ref, span.selector),
  }))
}

function citedBytes(
  session: GuardSession,
  ref: { readonly id: string; readonly hash?: string },
  selector: string,
): Uint8Array | null {
  const path = pathOfSourceId(ref.id)
  const read = path === undefined ? undefined : session.reader.read(path)
  if (read?.status !== 'read' || bytesHash(read.bytes) !== ref.hash) return null
  const text = decodeSourceText(read.bytes)
  const cited = text === undefined ? undefined : selectText(text, selector)
  return cited === undefined ? null : new TextEncoder().encode(cited)
}

/** The payload of a pack as it is stored; undefined when it is gone, which the guards refuse. Throws when it is damaged. */
export function readPack(session: GuardSession, { payload_hash }: ContextPackRecord): unknown {
  const bytes = bytesIfStored(session, payload_hash)
  return (
    bytes && onceFor(session.memory.captured, payload_hash, () => capture({ payload: parseCanonical(bytes) })).payload
  )
}
