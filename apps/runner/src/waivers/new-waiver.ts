import type { Scanner } from '@ctxlock/ace-validators/scanner'
import { hitsOf, scanVersions, type WaivableHits } from '@ctxlock/ace-validators/waivers'
import { windowsOf } from '@ctxlock/context-compiler'
import type { WaiverPolicy } from '@ctxlock/contracts/guards'
import { selectionStart } from '@ctxlock/contracts/evidence'
import { InjectionWaiver, waiverId } from '@ctxlock/contracts/waivers'
import { bytesHash } from '@ctxlock/core-hash'

/** One place that is to be waived, with the first view that shows a pattern there. */
export type WaivablePlace = NonNullable<WaivableHits>[number]

/**
 * Every place of a text that a view shows, read as a whole and window by window as a call reads it: at the edge of a window a
 * hit may look different. Undefined when there are more than a scan counts.
 */
export function waivablePlaces(text: string, scanner: Scanner): WaivablePlace[] | undefined {
  const windows = windowsOf(text).chunks.map((chunk) => ({
    text: chunk.text,
    firstByte: Buffer.byteLength(text.slice(0, selectionStart(text, `lines:${chunk.start}-${chunk.end}`))),
  }))
  const places = new Map<string, WaivablePlace>()
  for (const part of [{ text, firstByte: 0 }, ...windows]) {
    const hits = hitsOf(part.text, scanner.findAll(part.text), part.firstByte)
    if (hits === undefined) return undefined
    for (const hit of hits) {
      const key = `${hit.start_byte} ${hit.end_byte} ${hit.pattern_id}`
      if (!places.has(key)) places.set(key, hit)
    }
  }
  return [...places.values()].toSorted(
    (left, right) => left.start_byte - right.start_byte || left.end_byte - right.end_byte,
  )
}

export interface WaiverWords {
  readonly approver: string
  readonly reason: string
  readonly created_at: string
  readonly expires_at: string
}

/** The waiver of exactly these places in exactly these bytes; undefined when they or the words do not fit into one. */
export function newWaiver(
  source: { readonly path: string; readonly bytes: Uint8Array },
  places: readonly WaivablePlace[],
  words: WaiverWords,
  policy: WaiverPolicy,
): InjectionWaiver | undefined {
  const content = {
    path: source.path,
    content_sha256: bytesHash(source.bytes),
    spans: places.map(({ pattern_id, start_byte, end_byte }) => ({ pattern_id, start_byte, end_byte })),
    ...scanVersions(policy),
    policy_profile_id: policy.policy_profile_id,
    ...words,
  }
  return InjectionWaiver.safeParse({ waiver_id: waiverId(content), ...content }).data
}
