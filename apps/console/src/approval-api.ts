// What travels for the approvals: what waits for a person, its exact bytes, and the answer.
import type { ApiFailure, ShownBytes } from './api.ts'

/** `GET /api/approvals`: those that wait, then those that were answered last. */
export interface ApprovalSummary {
  readonly request_id: string
  readonly run_id: string
  readonly state: string
  readonly created_at: string
  readonly bytes: number
  readonly provider_id: string
  readonly origin: string
  readonly model_ids: readonly string[]
  readonly wp_id: string
  readonly title: string
}

/** `GET /api/approvals/<id>` */
export interface ApprovalDetail extends ApprovalSummary {
  readonly sha256: string
  /** Digits of the hash that have to be typed. */
  readonly digits: number
  readonly reason: string
  readonly sources: readonly { readonly path: string; readonly bytes: number; readonly lines: string }[]
  readonly own_bytes: number
  readonly redactions: readonly string[]
  readonly estimated_tokens: number | null
  readonly estimated_cost_usd: number | null
  readonly answer: ApprovalAnswer | null
  /** Other requests that wait, whose sessions a broadcast may cover too. */
  readonly others: readonly ApprovalSummary[]
  /** How the run goes on after a yes. */
  readonly resume: string
  /** The exact bytes, or why they can no longer be shown. */
  readonly shown: ShownBytes | ApiFailure
}

export interface ApprovalAnswer {
  readonly approved: boolean
  readonly at: string
  readonly by: string
  readonly notes: string | null
  /** What a yes covers, as its receipt says it. */
  readonly scope: string
  readonly until: string | null
  /** For more than one call; null for one. */
  readonly most_calls: number | null
  readonly most_bytes: number | null
}

/** As `ctxlock consent approve --scope` takes them. */
export const CONSENT_SCOPES = ['call', 'session', 'work-packet', 'broadcast'] as const
export type ConsentScope = (typeof CONSENT_SCOPES)[number]

/** `POST /api/approvals/<id>/approve`: exactly these bytes, once, unless a wider scope is named with both of its limits. */
export interface ApproveQuestion {
  /** The beginning of the hash, as it was typed. */
  readonly hash: string
  readonly scope?: ConsentScope
  /** How long it holds. */
  readonly minutes?: number
  readonly max_calls?: number
  /** In all calls together. */
  readonly max_bytes?: number
  /** For a broadcast: ids of other requests. */
  readonly with?: readonly string[]
}

/** `POST /api/approvals/<id>/deny` */
export interface DenyQuestion {
  readonly reason?: string
}
