import { envelopeHashesOf, type PromptEnvelope, UNTRUSTED_KINDS } from '@ctxlock/contracts/context'
import type { ScannedText } from '@ctxlock/contracts/guards'
import { hashesEqual, textHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { delimiterNonce } from './compile-envelope.ts'
import { renderEnvelope, type RenderedPrompt } from './render-envelope.ts'

/**
 * The last step before bytes are made: every untrusted block must be, by hash, the text the guards scanned, and the envelope
 * must still be what was hashed (VAL-012). Returns the rendering of exactly that envelope. Throws `SnapshotMutated`.
 */
export function verifyAssembly(scanned: readonly ScannedText[], envelope: PromptEnvelope): RenderedPrompt {
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  const hashes = new Map(scanned.map(({ order_key, content_hash }) => [order_key, content_hash]))
  for (const { kind, order_key, content } of blocks) {
    if (!UNTRUSTED_KINDS.has(kind)) continue
    const scannedHash = hashes.get(order_key)
    if (scannedHash === undefined) throw mutated('holds a block no guard scanned', order_key)
    if (!hashesEqual(scannedHash, textHash(content)))
      throw mutated('holds a block that differs from what was scanned', order_key)
  }
  const now = envelopeHashesOf(envelope)
  const same =
    hashesEqual(now.full_prompt_hash, envelope.full_prompt_hash) && delimiterNonce(blocks) === envelope.delimiter_nonce
  if (!same) throw mutated('is not the one that was hashed')
  return renderEnvelope(envelope)
}

function mutated(problem: string, orderKey?: string): CompileError {
  const details = orderKey === undefined ? {} : { order_key: orderKey }
  return new CompileError(
    'SnapshotMutated',
    `The prompt about to be assembled ${problem}; compile and scan again.`,
    details,
  )
}
