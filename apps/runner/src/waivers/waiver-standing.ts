import { waiverState, type WaiverState } from '@ctxlock/ace-validators/waivers'
import type { WaiverPolicy } from '@ctxlock/contracts/guards'
import type { SourceReader } from '@ctxlock/contracts/ports'
import type { InjectionWaiver } from '@ctxlock/contracts/waivers'
import { bytesHash } from '@ctxlock/core-hash'

import { visible } from '../output/place-lines.ts'
import type { SourceTrust } from '../environment/source-trust.ts'
import type { AcceptedWaivers } from './accepted-waivers.ts'

/** Besides what the guard finds out for itself: what only the host knows. */
export type StandingState = WaiverState | 'low_trust' | 'not_accepted'

export interface WaiverStanding {
  readonly waiver: InjectionWaiver
  readonly state: StandingState
}

export interface StandingConditions {
  readonly policy: WaiverPolicy
  readonly now: string
  readonly reader: SourceReader
  /** Larger files are no sources whose text is shown. */
  readonly maxFileBytes: number
  readonly trustOf: SourceTrust
  readonly accepted: Pick<AcceptedWaivers, 'has'>
}

/** What each waiver is worth now, and if nothing, why. */
export function standingOf(
  waiver: InjectionWaiver,
  { policy, now, reader, maxFileBytes, trustOf, accepted }: StandingConditions,
): WaiverStanding {
  const read = reader.read(waiver.path, { maxBytes: maxFileBytes })
  const contentHash = read.status === 'read' ? bytesHash(read.bytes) : undefined
  const state = waiverState(waiver, { policy, now, contentHash })
  if (state !== 'in_force') return { waiver, state }
  if (trustOf(waiver.path) === 'low') return { waiver, state: 'low_trust' }
  return { waiver, state: accepted.has(waiver.waiver_id) ? 'in_force' : 'not_accepted' }
}

const MEANINGS: Readonly<Record<StandingState, string>> = {
  in_force: 'in force',
  altered: 'void: it is not as `ctxlock waive` wrote it',
  source_changed: 'void: the source changed',
  patterns_changed: 'void: the profile looks for other patterns',
  guard_changed: 'void: another version of the guard looks',
  unicode_changed: 'void: other Unicode data',
  expired: 'expired',
  other_profile: 'void: made for another policy profile',
  locked: 'without effect: under LOCKED no waiver holds',
  not_allowed: 'without effect: `policy.allow_waivers` is not set',
  low_trust: 'without effect: the source has low trust',
  not_accepted: 'without effect: nobody accepted it on this machine; `ctxlock waive <path> --accept` does',
}

/** `docs/guide.md  in force until 2027-01-31 (ilja: our own guide)`. */
export function standingLine({ waiver, state }: WaiverStanding): string {
  const until = state === 'in_force' ? ` until ${waiver.expires_at.slice(0, 10)}` : ''
  return `waiver     ${waiver.path}  ${MEANINGS[state]}${until}${visible(` (${waiver.approver}: ${waiver.reason})`)}`
}

/** Without the words of its author: what a program prints may be read by a model. */
export function standingJson({ waiver: { waiver_id, path, expires_at }, state }: WaiverStanding) {
  return { waiver_id, path, state, expires_at }
}
