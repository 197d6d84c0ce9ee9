// What a person waives of the injection scan, and for how long: never a path or a phrase, always these bytes (spec 05).
import { canonicalHash } from '@ctxlock/core-hash'
import { z } from 'zod'

import { Count, Hash, Identifier, RelativePath, Summary, Timestamp } from './primitives.ts'

/** One place in the raw bytes of the source at which one pattern may stand. */
export const WaivedSpan = z
  .strictObject({ pattern_id: Identifier, start_byte: Count, end_byte: Count })
  .meta({ id: 'WaivedSpan' })
export type WaivedSpan = z.infer<typeof WaivedSpan>

/** What a verdict of the scanner depends on besides the text. */
export const ScanVersions = z.strictObject({
  /** Over every pattern and pattern pack the profile looks for. */
  pattern_pack_sha256: Hash,
  guard_version: Identifier,
  unicode_version: Identifier,
})
export type ScanVersions = z.infer<typeof ScanVersions>

/**
 * The word of a person that hits in exactly these bytes are harmless. Void after any edit of the source, and under other
 * patterns, another guard or other Unicode data; that is judged where it is used, never believed.
 */
export const InjectionWaiver = z
  .strictObject({
    /** The canonical hash of the other fields. */
    waiver_id: Hash,
    /** Where the source lay; the same bytes elsewhere are not waived. */
    path: RelativePath,
    content_sha256: Hash,
    spans: z.array(WaivedSpan).min(1).max(256),
    ...ScanVersions.shape,
    policy_profile_id: Identifier,
    /** Who says so, in their own words: a claim for reviewers, no signature. */
    approver: Identifier,
    reason: Summary.min(1),
    created_at: Timestamp,
    expires_at: Timestamp,
  })
  .meta({ id: 'InjectionWaiver' })
export type InjectionWaiver = z.infer<typeof InjectionWaiver>

/** `ctxlock.waivers.json`, committed beside the sources. */
export const WaiverFile = z
  .strictObject({ schema_version: z.literal('ctxlock.waivers@1'), waivers: z.array(InjectionWaiver).max(1000) })
  .meta({ id: 'WaiverFile' })
export type WaiverFile = z.infer<typeof WaiverFile>

/** The longest a waiver may hold, in milliseconds. */
export const LONGEST_WAIVER_MS = 366 * 86_400_000

/** The id that a waiver with these fields has to have. */
export function waiverId(waiver: Omit<InjectionWaiver, 'waiver_id'> & { readonly waiver_id?: Hash }): Hash {
  const { waiver_id: _id, ...content } = waiver
  return canonicalHash(content)
}
