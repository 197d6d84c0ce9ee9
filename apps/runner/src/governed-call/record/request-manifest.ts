import type { KeyObject } from 'node:crypto'

import { bytesHash, textHash } from '@ctxlock/core-hash'
import type { RequestManifest, RequestPart } from '@ctxlock/contracts/call'
import { escapeEvidenceText } from '@ctxlock/contracts/evidence'
import type { ArtifactStore, SourceReader } from '@ctxlock/contracts/ports'
import { pathOfSourceId } from '@ctxlock/contracts/references'

import { saltedLiteral } from '../../session/salted-record.ts'
import { RECORD_LABEL } from '../../session/store-record.ts'

/** A piece of workspace text that stands verbatim in the request. */
export interface SourceExcerpt {
  readonly sourceId: string
  readonly sourceHash: string
  readonly startLine: number
  readonly endLine: number
  readonly text: string
}

export interface ManifestInput {
  readonly body: Uint8Array
  readonly excerpts: readonly SourceExcerpt[]
  readonly providerId: string
  readonly modelId: string
  /** The workspace's, for the salts of what is stored. */
  readonly key: Uint8Array | KeyObject
}

/**
 * Describes a request body by its parts. Text that stands in the workspace is referred to, not stored: only what is ours
 * (rules, task, question, the JSON around them) becomes artifacts.
 */
export function describeRequest(input: ManifestInput, artifacts: Pick<ArtifactStore, 'put'>): RequestManifest {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(input.body)
  const parts: RequestPart[] = []
  let cursor = 0
  for (const excerpt of input.excerpts) {
    const escaped = escapeExcerpt(excerpt.text)
    const start = escaped === '' ? -1 : text.indexOf(escaped, cursor)
    // A provider whose wire form is not JSON text: what cannot be referred to stays a literal.
    if (start < 0) continue
    pushLiteral(text.slice(cursor, start))
    parts.push(sourcePart(excerpt, escaped))
    cursor = start + escaped.length
  }
  pushLiteral(text.slice(cursor))
  return {
    schema_version: 'ctxlock.request_manifest@1',
    payload_sha256: bytesHash(input.body),
    payload_bytes: input.body.length,
    provider_id: input.providerId,
    model_id: input.modelId,
    parts,
  }

  function pushLiteral(literal: string): void {
    if (literal === '') return
    const bytes = Buffer.from(literal)
    const handle = artifacts.put(saltedLiteral(input.key, bytes), RECORD_LABEL)
    parts.push({ part: 'literal', artifact: handle.content_hash, length: bytes.length })
  }
}

function sourcePart(excerpt: SourceExcerpt, escaped: string): RequestPart {
  return {
    part: 'source',
    source_id: excerpt.sourceId,
    source_hash: excerpt.sourceHash,
    start_line: excerpt.startLine,
    end_line: excerpt.endLine,
    text_hash: textHash(excerpt.text),
    text_code_units: excerpt.text.length,
    length: Buffer.byteLength(escaped),
  }
}

export type RebuiltRequest =
  | { readonly status: 'rebuilt'; readonly body: Uint8Array }
  | {
      readonly status: 'source_changed'
      readonly path: string
      readonly recordedHash: string
      readonly currentHash: string | null
    }
  | { readonly status: 'mismatch'; readonly recordedHash: string; readonly rebuiltHash: string }

/** Rebuilds the bytes from the manifest, or says which source is no longer what it was. What a run had edited is kept in the state. */
export function rebuildRequest(
  manifest: RequestManifest,
  artifacts: ArtifactStore,
  reader: SourceReader,
): RebuiltRequest {
  const pieces: Uint8Array[] = []
  for (const part of manifest.parts) {
    if (part.part === 'literal') {
      pieces.push(artifacts.get(part.artifact).subarray(0, part.length))
      continue
    }
    const path = pathOfSourceId(part.source_id) ?? part.source_id
    const read = reader.read(path)
    const currentHash = read.status === 'read' ? bytesHash(read.bytes) : null
    const isUnchanged = read.status === 'read' && currentHash === part.source_hash
    if (!isUnchanged && !artifacts.has(part.source_hash))
      return { status: 'source_changed', path, recordedHash: part.source_hash, currentHash }
    const excerpt = cutExcerpt(isUnchanged ? read.bytes : artifacts.get(part.source_hash), part)
    if (textHash(excerpt) !== part.text_hash)
      return { status: 'mismatch', recordedHash: part.text_hash, rebuiltHash: textHash(excerpt) }
    pieces.push(Buffer.from(escapeExcerpt(excerpt)))
  }
  const body = Buffer.concat(pieces)
  const rebuiltHash = bytesHash(body)
  if (rebuiltHash !== manifest.payload_sha256)
    return { status: 'mismatch', recordedHash: manifest.payload_sha256, rebuiltHash }
  return { status: 'rebuilt', body }
}

/** The lines of the part, cut where the compiler had cut a line that was too long to send whole. */
function cutExcerpt(bytes: Uint8Array, part: RequestPart & { part: 'source' }): string {
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n')
  return lines
    .slice(part.start_line - 1, part.end_line)
    .join('\n')
    .slice(0, part.text_code_units)
}

/** How a source's text stands in a JSON body: delimiter look-alikes escaped, then JSON string escapes without the quotes. */
function escapeExcerpt(text: string): string {
  return JSON.stringify(escapeEvidenceText(text)).slice(1, -1)
}
