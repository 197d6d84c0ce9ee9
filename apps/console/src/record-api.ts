// What travels for the views of the record as a whole: what calls took, whether the log is whole, which packs are stale.

/** `POST /api/usage` */
export interface UsageQuestion {
  /** So many days back; null for all there is. */
  readonly days: number | null
}

export interface UsageAnswer {
  /** Milliseconds of one bucket. */
  readonly bucket_ms: number
  /** In order, without gaps; the first and last ones hold a call. */
  readonly buckets: readonly UsageBucket[]
  readonly models: readonly ModelUsage[]
}

/** A sum of what is known, null when nothing is; and of how many calls it is not. */
export interface Amount {
  readonly known: number | null
  readonly unknown: number
}

export interface Usage {
  readonly calls: number
  readonly prompt_tokens: Amount
  readonly cached_tokens: Amount
  readonly completion_tokens: Amount
  readonly cost_micro_usd: Amount
  /** Half of the calls, and nineteen of twenty, took at most so long; null when that of none is known. */
  readonly latency_ms: { readonly half: number; readonly most: number } | null
  /** Calls whose tokens nobody counted. */
  readonly estimated: number
}

export interface UsageBucket extends Usage {
  readonly at: string
}

export interface ModelUsage extends Usage {
  readonly provider_id: string
  readonly model_id: string
}

/** `GET /api/log` */
export interface LogHealth {
  readonly events: number
  /** Texts that are not in the database: erased, or sealed into segments. */
  readonly outside: number
  /** Events that the newest checkpoint covers, and when the last of them was recorded; null when nothing was signed. */
  readonly checkpoint: { readonly size: number; readonly at: string | null } | null
  readonly checkpoints: number
  readonly bytes: {
    readonly database: number
    readonly objects: number
    readonly segments: number
    readonly vault: number
  }
  readonly public_key: string | null
  readonly verification: Verification | null
  readonly is_verifying: boolean
}

/** What `ctxlock verify` found, asked for by `POST /api/log/verify`. */
export interface Verification {
  readonly at: string
  readonly seconds: number
  readonly verdict: 'intact' | 'unanchored' | 'incomplete' | 'broken' | 'failed'
  readonly ranges: readonly { readonly state: string; readonly from: number; readonly to: number }[]
  readonly anchors: readonly { readonly anchor: string; readonly state: string; readonly size: number | null }[]
  readonly runs: number
  readonly incomplete_runs: number
  readonly objects: { readonly checked: number; readonly missing: number; readonly edited: number } | null
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[]
}

/** `POST /api/packs` */
export interface PacksQuestion {
  readonly only_stale: boolean
  /** The `next` of the page before. */
  readonly after?: string
}

export interface PacksAnswer {
  readonly packs: readonly PackState[]
  readonly policy: {
    readonly regen_allowed: boolean
    readonly regen_required: boolean
    readonly stale_handling: string
  }
  /** How many were looked at for this page. */
  readonly looked_at: number
  readonly next: string | null
}

export interface PackState {
  readonly target: string
  readonly payload_hash: string
  readonly made_at: string
  /** Sources that are other ones now, or gone; none of a fresh pack. */
  readonly changed: readonly { readonly path: string; readonly before: string; readonly now: string | null }[]
}
