// What a plugin is and what it may reach; the registry that checks and loads plugins is in @ctxlock/plugin-api.
import type { Clock, RandomSource, Timers } from './ports.ts'

export type PluginKind = 'provider' | 'guard' | 'extractor' | 'sink'

export interface EgressRequest {
  readonly method: 'GET' | 'POST' | 'HEAD' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Streamed answers close the socket afterwards: some servers advertise keep-alive and hang up. */
  readonly streaming: boolean
  readonly signal?: AbortSignal
}

export interface EgressResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Decoded bytes, limited and timed by the egress. */
  readonly body: AsyncIterable<Uint8Array>
}

/** The one way out of the process. Checks the address it connects to, follows no redirect, uses no proxy (PROV-035..044). */
export interface Egress {
  request(request: EgressRequest): Promise<EgressResponse>
  close(): Promise<void>
}

/** A secret that prints as `[REDACTED:api_key:provider]` everywhere but in the header it was asked for (PROV-031). */
export interface SecretHolder {
  readonly present: boolean
  /** The value of an `Authorization: Bearer` header. */
  bearer(): string
}

/** All a plugin gets of the outside world; recording or refusing it records or refuses the plugin. */
export interface PluginContext {
  readonly clock: Clock
  readonly random: RandomSource
  readonly timers: Timers
  readonly egress: Egress
  readonly secret: SecretHolder
}
