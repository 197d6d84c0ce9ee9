import type { FreshnessVerifier } from '../freshness.ts'
import type { PayloadVault, Redactor, SourceReader, TokenCounter } from '../ports.ts'
import type { ArtifactKind, Reference } from '../references.ts'

/** The raw bytes behind one piece of evidence; null when the host could not get them (VAL-010, VAL-011). */
export interface ResolvedSnippet {
  readonly span_id: string
  readonly candidate_id: string
  /** The block that carries it, once there is an envelope. */
  readonly order_key: string | null
  readonly bytes: Uint8Array | null
}

export interface ContainerMember {
  /** Relative path inside the container; part of the index the container's hash covers (CJ-035). */
  readonly path: string
  readonly content_hash: string
  readonly size_bytes: number
  readonly reference: Reference
}

/** What is known about one item. Values come from stores and other processes, so nothing is assumed to be well-typed. */
export interface ResolvedContent {
  readonly kind: ArtifactKind | 'source'
  /** Hash of the bytes as they are now. */
  readonly content_hash: string
  readonly size_bytes: number
  readonly classification: unknown
  readonly exportable: unknown
  /** The members of a bundle or dataset slice; undefined when they could not be listed. */
  readonly members?: readonly ContainerMember[]
  /** What a derived text was made from, such as the sources of a compaction: it leaves only if all of them may. */
  readonly derived_from?: readonly Reference[]
}

export interface ContentResolver {
  /** Undefined when the item is unknown or cannot be read. */
  describe(reference: Reference): ResolvedContent | undefined
  bytes(reference: Reference): Uint8Array | undefined
}

export interface GuardPorts {
  readonly resolver: ContentResolver
  /** Current bytes of workspace files, for freshness and drift. */
  readonly sources: SourceReader
  readonly freshness: FreshnessVerifier
  readonly tokenCounter: TokenCounter
  readonly redactor: Redactor
  readonly vault: Pick<PayloadVault, 'header'>
  /** The rule registry: true for a registered `LAW:` or `RID:` anchor (VAL-022). */
  readonly rules: { has(anchor: string): boolean }
}
