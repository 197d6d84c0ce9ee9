// What ctxlock's packages need from the outside world and from each other, as interfaces.
// A host implements them once; tests hand in plain objects.
import type { ArtifactHandle, ArtifactKind } from './references.ts'
import type { Classification, Hash } from './primitives.ts'

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  monotonic(): number
}

export interface RandomSource {
  bytes(length: number): Uint8Array
  /** A random version 4 UUID in lower case. */
  uuid(): string
  /** A number in [0, 1), for jitter only. */
  fraction(): number
}

export interface Timers {
  /** Calls `callback` once after `milliseconds`; the returned function cancels it. */
  after(milliseconds: number, callback: () => void): () => void
}

/** One read of a workspace file: its bytes, or the reason there are none. */
export type SourceRead =
  | { readonly status: 'read'; readonly bytes: Uint8Array }
  | { readonly status: 'missing' | 'unreadable' | 'too_large' | 'outside_workspace' | 'not_a_file' }

/** Reads workspace files by relative path. Never follows a symlink out of the workspace and never trusts file times. */
export interface SourceReader {
  read(path: string, options?: { readonly maxBytes?: number }): SourceRead
  /** Like `read`, but lends the bytes to `use`, which must not keep them: hashing needs no copy. */
  lend?<Result>(path: string, use: (bytes: Uint8Array) => Result): SourceLoan<Result>
  /** `lend` for each of these files in their order, as they are in one moment. */
  lendEach?<Result>(paths: readonly string[], use: (bytes: Uint8Array) => Result): SourceLoan<Result>[]
}

/** What `use` made of the bytes, or the reason there were none. */
export type SourceLoan<Result> =
  | { readonly status: 'read'; readonly result: Result }
  | Exclude<SourceRead, { readonly status: 'read' }>

export interface Environment {
  readonly clock: Clock
  readonly random: RandomSource
  readonly timers: Timers
}

/** Finds and removes secrets, personal data, absolute paths and environment references (CP-032). */
export interface Redactor {
  /** Changes whenever the same text could be redacted differently; part of every builder's config hash. */
  readonly version: string
  detect(text: string): readonly RedactionFinding[]
  redact(text: string): { readonly text: string; readonly findings: readonly RedactionFinding[] }
}

export type RedactionCategory =
  | 'api_key'
  | 'aws'
  | 'db_url'
  | 'private_key'
  | 'password'
  | 'token'
  | 'pii'
  | 'path'
  | 'env'

/** Categories whose presence after redaction fails a build (CP-033) and blocks a cloud call (VAL-034). */
export const SECRET_CATEGORIES: ReadonlySet<RedactionCategory> = new Set([
  'api_key',
  'aws',
  'db_url',
  'private_key',
  'password',
  'token',
])

export interface RedactionFinding {
  readonly category: RedactionCategory
  readonly detector_id: string
  /** UTF-16 offsets into the text that was given. */
  readonly start: number
  readonly end: number
}

/** Counts tokens for one model; the same counter serves budgets and metrics (ACE-054..056). */
export interface TokenCounter {
  readonly id: string
  count(text: string): number
}

/** Full case folding (statuses C and F of CaseFolding.txt) by a pinned table (ACE-027). */
export interface CaseFolding {
  readonly unicodeVersion: string
  fold(text: string): string
}

export interface ArtifactOptions {
  readonly kind: ArtifactKind
  readonly classification: Classification
  readonly exportable?: boolean
  readonly retentionTtlDays?: number
}

/** Content-addressed storage. `get` hashes again before it returns (CJ-039). */
export interface ArtifactStore {
  put(bytes: Uint8Array, options: ArtifactOptions): ArtifactHandle
  /** Throws `ARTIFACT_MISSING` or `ARTIFACT_HASH_MISMATCH`. */
  get(contentHash: Hash): Uint8Array
  has(contentHash: Hash): boolean
}

/** Encrypted storage for payloads that must stay on this machine (ACE-066, ACE-067). */
export interface PayloadVault {
  put(bytes: Uint8Array, options: { readonly ttlDays: number }): ArtifactHandle
  get(handle: ArtifactHandle): Uint8Array
  /** The first bytes of the stored object as they are on disk, for LocalPayloadGuard (VAL-051). */
  header(handle: ArtifactHandle): Uint8Array
}

export type SqlValue = null | number | bigint | string | Uint8Array

/** The part of node:sqlite's statement that ctxlock uses. */
export interface SqlStatement {
  run(...values: SqlValue[]): { readonly changes: number | bigint }
  get(...values: SqlValue[]): Record<string, unknown> | undefined
  all(...values: SqlValue[]): Record<string, unknown>[]
  iterate(...values: SqlValue[]): IterableIterator<Record<string, unknown>>
  /** From now on a row is an array of its columns, `row[0]` the first: quicker, where there are very many. */
  setReturnArrays(enabled: boolean): void
}

/** The part of node:sqlite's `DatabaseSync` that ctxlock uses: one connection, opened by the host and handed down. */
export interface SqlDatabase {
  readonly isTransaction: boolean
  exec(sql: string): void
  prepare(sql: string): SqlStatement
}

/** Turns texts into vectors. The host has decided that their text may go there before it hands one over. */
export interface Embedder {
  /** Names all that the host decides and a vector depends on, besides the text: provider, model, dimensions, redaction. */
  readonly id: string
  /** What the server calls the weights it has now, such as their digest; undefined where it does not say. */
  revision(): Promise<string | undefined>
  /** One vector for each text, in order, all of one length. */
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>
}
