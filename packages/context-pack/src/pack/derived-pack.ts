import { bytesHash, canonicalize, type Hash } from '@ctxlock/core-hash'
import { closedText } from '@ctxlock/contracts/closed-copy'
import { ContextPackPayload, copyOfPackPayload, type NotPackedReason } from '@ctxlock/contracts/packs'
import type { SourceReader, TokenCounter } from '@ctxlock/contracts/ports'
import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { builtInExtractors } from '../extractors/built-in.ts'
import { extractChecked } from '../extractors/checked-extraction.ts'
import { PackError, type PackErrorCode } from '../pack-error.ts'
import { parsedBy } from '../roles/sealed-pack.ts'
import { isGovernanceText } from '../sources/governance-text.ts'
import { assertNoSecret } from '../text/field-redactor.ts'
import type { BuilderOptions } from './builder.ts'
import { DEFAULT_PACK_LIMITS } from './limits.ts'
import { composePayload } from './payload.ts'
import { readSnapshot, textOf, type SourceSnapshot } from './source-text.ts'

/** The file as it was packed; sizes in bytes and tokens of the whole file. */
export interface PackedSource {
  readonly path: string
  readonly hash: Hash
  readonly sizeBytes: number
  readonly tokens: number
}

export interface NotPacked {
  readonly status: 'not_packed'
  readonly path: string
  readonly reason: NotPackedReason
  /** Absent when the file could not be read; without `tokens` when it is no text. */
  readonly source?: Omit<PackedSource, 'tokens'> & { readonly tokens?: number }
}

/** A payload that follows from one file alone, not stored anywhere yet. */
export interface DerivedPack {
  readonly status: 'derived'
  readonly source: PackedSource
  readonly payload: ContextPackPayload
  /** The payload as canonical JSON, and its hash. */
  readonly bytes: Uint8Array
  readonly payloadHash: Hash
}

export interface DerivationInput extends BuilderOptions {
  /** Workspace-relative, as in a lockfile. */
  readonly path: string
  readonly reader: SourceReader
  readonly tokenCounter: TokenCounter
}

/** Why a path can have no pack, before anything is read. */
export function refusedPath(path: string): NotPacked | undefined {
  if (!isRelativePath(path)) return { status: 'not_packed', path, reason: 'PACK_ABSOLUTE_PATH' }
  return isGovernanceText(path) ? { status: 'not_packed', path, reason: 'PACK_RUNTIME_READ_REF' } : undefined
}

/**
 * Derives the payload of one file without storing it, so that a host can do it on other threads (CP-017..CP-023). The file is
 * hashed before, or comes with the hash the host read before, and again as it is packed; when they differ there is one more
 * attempt (CP-021). A file that cannot be packed is an answer, not an exception.
 *
 * Throws `PACK_INVALID` for a selector allowlist that is not bounded; what `reader` and `redactor` throw passes through.
 */
export function derivePack(input: DerivationInput, hashBefore?: Hash): DerivedPack | NotPacked {
  const { path, reader } = input
  const refused = refusedPath(path)
  if (refused) return refused
  const { maxSourceBytes } = { ...DEFAULT_PACK_LIMITS, ...input.limits }
  let expected = hashBefore
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    expected ??= hashOf(readSnapshot(reader, path, maxSourceBytes))
    const snapshot = readSnapshot(reader, path, maxSourceBytes)
    if ('reason' in snapshot) return { status: 'not_packed', path, reason: snapshot.reason }
    if (snapshot.hash === expected) return deriveFrom(snapshot, input)
    expected = undefined
  }
  return { status: 'not_packed', path, reason: 'PACK_SOURCE_UNSTABLE' }
}

function hashOf(snapshot: ReturnType<typeof readSnapshot>): Hash | undefined {
  return 'hash' in snapshot ? snapshot.hash : undefined
}

/** The payload of bytes that were read already. */
export function deriveFrom(snapshot: SourceSnapshot, input: DerivationInput): DerivedPack | NotPacked {
  const { path, redactor, extractors = builtInExtractors, selectorAllowlist, tokenCounter } = input
  const limits = { ...DEFAULT_PACK_LIMITS, ...input.limits }
  const { hash } = snapshot
  const source = { path, hash, sizeBytes: snapshot.bytes.length }
  const decoded = textOf(snapshot)
  if ('reason' in decoded) return { status: 'not_packed', path, reason: decoded.reason, source }
  const counted = { ...source, tokens: tokenCounter.count(decoded.text) }
  try {
    assertNoSecret(redactor, path)
    const checked = extractChecked(decoded.text, path, extractors, limits.maxAnchors)
    const composed = composePayload({ path, hash, text: decoded.text }, checked, redactor, limits, selectorAllowlist)
    const copy = copyOfPackPayload(composed)
    const payload = copy ?? parsedBy(ContextPackPayload, composed)
    const bytes = new TextEncoder().encode(copy ? closedText(copy) : canonicalize(payload))
    return { status: 'derived', source: counted, payload, bytes, payloadHash: bytesHash(bytes) }
  } catch (error) {
    const reason = error instanceof PackError ? NOT_PACKED_CODES[error.code] : undefined
    if (!reason) throw error
    return { status: 'not_packed', path, reason, source: counted }
  }
}

const NOT_PACKED_CODES: { readonly [Code in PackErrorCode]?: NotPackedReason } = {
  PACK_NOT_ANCHORED: 'PACK_NOT_ANCHORED',
  PACK_SECRET_DETECTED: 'PACK_SECRET_DETECTED',
}
