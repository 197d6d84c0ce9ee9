// What a plugin is and what it may reach; the registry that checks and loads plugins is in @ctxlock/plugin-api.
import type { Hash } from './primitives.ts'

import type { Extractor } from './extractor.ts'
import type { VersionedGuard } from './guards.ts'
import type { Clock, RandomSource, Timers } from './ports.ts'
import type { LlmClient, ProviderTimeouts } from './provider.ts'

export type PluginKind = 'provider' | 'guard' | 'extractor' | 'sink'

/** What a log committed to when it signed: its first `size` events have this root. */
export interface LogCheckpoint {
  /** Under which name the log signs. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** The signed checkpoint as C2SP's tlog-checkpoint has it: what an anchor keeps. */
  readonly note: string
}

/** A checkpoint to keep, and what an anchor may need with it. */
export interface AnchorRequest extends LogCheckpoint {
  /**
   * Hashes that show that this tree continues the one of its first `earlier` events, as a witness asks for them.
   * `earlier` is from 1 to `size`.
   */
  consistencyProof(earlier: number): readonly Hash[]
  /** Tiles and entries (C2SP tlog-tiles) that the tree of the first `earlier` events had not, by their path. No text of an event. */
  tiles(earlier: number): Iterable<{ readonly path: string; readonly bytes: Uint8Array }>
}

/**
 * Keeps checkpoints where whoever can write the log cannot change them: a file, a commit, a bucket with object lock, a
 * time-stamping authority, a witness, a public log. Many processes may use one at once.
 */
export interface AnchorSink {
  /** The newest checkpoint that is kept, as it was handed over; undefined when there is none. Throws when it could not look. */
  latest(): Promise<string | undefined>
  /**
   * Keeps the checkpoint. It is safe when the promise is fulfilled; keeping one twice is fine. Throws when it could not be kept.
   * Never decides whether the log is right: whoever calls has compared it with `latest`.
   */
  anchor(request: AnchorRequest): Promise<void>
  close(): Promise<void>
}

/** What `create` of each kind of plugin returns. */
export interface PluginPorts {
  readonly provider: LlmClient
  readonly guard: VersionedGuard
  readonly extractor: Extractor
  readonly sink: AnchorSink
}

export interface EgressRequest {
  readonly method: 'GET' | 'POST' | 'HEAD' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Streamed answers close the socket afterwards: some servers advertise keep-alive and hang up. */
  readonly streaming: boolean
  readonly signal?: AbortSignal
  /** Where given, replaces the egress's own defaults for this request. */
  readonly timeouts?: ProviderTimeouts
  readonly maxResponseBytes?: number
}

export interface EgressResponse {
  readonly status: number
  /** Lower-case names; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Decoded bytes, limited and timed by the egress. Must be read to its end or left early with `return` or `break`,
   * which closes the socket. Throws `ProviderError`.
   */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * The one way out of the process, bound to the origin of one provider. Checks the address it connects to, follows no
 * redirect, uses no proxy (PROV-035..044). Throws `ProviderError`.
 */
export interface Egress {
  request(request: EgressRequest): Promise<EgressResponse>
  close(): Promise<void>
}

/** A secret that prints as `[REDACTED:api_key:provider]` everywhere but in the header it was asked for (PROV-031). */
export interface SecretHolder {
  /** Whether the provider declares a secret; without one no `Authorization` header is sent. */
  readonly present: boolean
  /**
   * The value of an `Authorization` header, `Bearer …`, read when it is asked for.
   * Throws `invalid_config` when the declared secret is missing or no header value (PROV-034).
   */
  bearer(): string
  /** `[REDACTED:api_key:provider]`, as JSON and inspect show it too. */
  toString(): string
}

/** All a plugin gets of the outside world; recording or refusing it records or refuses the plugin. */
export interface PluginContext {
  readonly clock: Clock
  readonly random: RandomSource
  readonly timers: Timers
  readonly egress: Egress
  readonly secret: SecretHolder
}
