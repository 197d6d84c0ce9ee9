import type { WaiverPolicy } from '@ctxlock/contracts/guards'
import type { Timestamp } from '@ctxlock/contracts/primitives'
import { type InjectionWaiver, LONGEST_WAIVER_MS, waiverId } from '@ctxlock/contracts/waivers'

import { scanVersions } from './scan-versions.ts'

/** `in_force`, or the first reason why a waiver does nothing. */
export type WaiverState =
  | 'in_force'
  | 'altered'
  | 'source_changed'
  | 'patterns_changed'
  | 'guard_changed'
  | 'unicode_changed'
  | 'expired'
  | 'other_profile'
  | 'locked'
  | 'not_allowed'

export interface WaiverConditions {
  readonly policy: WaiverPolicy
  readonly now: Timestamp
  /** Of the raw bytes that lie at the waiver's path; undefined when there are none. */
  readonly contentHash: string | undefined
}

/** Whether a waiver holds. Every field of it may have been written by an attacker; nothing is taken for granted. */
export function waiverState(waiver: InjectionWaiver, { policy, now, contentHash }: WaiverConditions): WaiverState {
  const versions = scanVersions(policy)
  // A lifetime cannot be stretched by hand: the id would be another.
  if (waiver.waiver_id !== waiverId(waiver) || !hasLifetime(waiver)) return 'altered'
  if (waiver.content_sha256 !== contentHash) return 'source_changed'
  if (waiver.pattern_pack_sha256 !== versions.pattern_pack_sha256) return 'patterns_changed'
  if (waiver.guard_version !== versions.guard_version) return 'guard_changed'
  if (waiver.unicode_version !== versions.unicode_version) return 'unicode_changed'
  if (now < waiver.created_at || now >= waiver.expires_at) return 'expired'
  if (waiver.policy_profile_id !== policy.policy_profile_id) return 'other_profile'
  if (policy.automation_level === 'LOCKED') return 'locked'
  return policy.allow_waivers ? 'in_force' : 'not_allowed'
}

function hasLifetime({ created_at, expires_at }: InjectionWaiver): boolean {
  const milliseconds = Date.parse(expires_at) - Date.parse(created_at)
  return milliseconds > 0 && milliseconds <= LONGEST_WAIVER_MS
}
