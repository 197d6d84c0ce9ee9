import type { InjectionWaiver, WaivedSpan } from '@ctxlock/contracts/waivers'

import { MOST_OCCURRENCES } from '../scanner/locate.ts'
import type { Finding } from '../scanner/matches.ts'

/** Every hit of a text, in bytes from the beginning of its source; undefined when a view shows more than are counted. */
export type WaivableHits = readonly (WaivedSpan & { readonly view_id: string })[] | undefined

/** `firstByte` is where the text begins in its source. */
export function hitsOf(text: string, findings: readonly Finding[], firstByte = 0): WaivableHits {
  if (findings.some(({ occurrences }) => occurrences.length >= MOST_OCCURRENCES)) return undefined
  return findings.flatMap(({ viewId: view_id, occurrences }) =>
    occurrences.map(({ pattern, start, end }) => {
      const start_byte = firstByte + Buffer.byteLength(text.slice(0, start))
      return {
        view_id,
        pattern_id: pattern.id,
        start_byte,
        end_byte: start_byte + Buffer.byteLength(text.slice(start, end)),
      }
    }),
  )
}

/** Whether each hit lies in a span in which its pattern may stand. */
export function holdsHarmless({ spans }: InjectionWaiver, hits: WaivableHits): boolean {
  return hits?.every((hit) => spans.some((span) => holds(span, hit))) === true
}

function holds(span: WaivedSpan, hit: WaivedSpan): boolean {
  return span.pattern_id === hit.pattern_id && span.start_byte <= hit.start_byte && hit.end_byte <= span.end_byte
}
