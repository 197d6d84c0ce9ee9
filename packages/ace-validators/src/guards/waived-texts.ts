import { decodeSourceText, selectionStart } from '@ctxlock/contracts/evidence'
import type { CallInput, PackUse, TraceInput, WaivedMatch } from '@ctxlock/contracts/guards'
import { ContextPackRecord } from '@ctxlock/contracts/packs'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import type { InjectionWaiver, WaivedSpan } from '@ctxlock/contracts/waivers'
import { bytesHash } from '@ctxlock/core-hash'

import { matchesIn, type ScanBlock } from '../scanner/matches.ts'
import type { Scanner } from '../scanner/scan.ts'
import { hitsOf, holdsHarmless, type WaivableHits } from '../waivers/waivable-hits.ts'
import { waiverState } from '../waivers/waiver-state.ts'

type Input = Pick<TraceInput | CallInput, 'policy' | 'now' | 'ports' | 'trace'>

/** The matches of a text all of which a waiver holds harmless; undefined when there is no waiver, or one match it leaves out. */
export interface WaivedTexts {
  inSnippet(block: ScanBlock): readonly WaivedMatch[] | undefined
  inPack({ record }: PackUse): (field: ScanBlock) => readonly WaivedMatch[] | undefined
}

interface WaivedSource {
  readonly waiver: InjectionWaiver
  readonly bytes: Uint8Array
  readonly text: string
}

/** Looks the waivers up by the bytes that lie at their paths now, hashed here, whatever a candidate says of them (VAL-006). */
export function waivedTexts({ policy, now, ports, trace }: Input, scanner: Scanner): WaivedTexts {
  const spans = new Map(trace?.spans.map((span) => [span.candidate_id, span]))

  function sourceOf(path: string | undefined): WaivedSource | undefined {
    const waivers = policy.waivers.filter((waiver) => waiver.path === path)
    const read = path === undefined || waivers.length === 0 ? undefined : ports.sources.read(path)
    if (read?.status !== 'read') return undefined
    const { bytes } = read
    const contentHash = bytesHash(bytes)
    const waiver = waivers.find((one) => waiverState(one, { policy, now, contentHash }) === 'in_force')
    const text = decodeSourceText(bytes)
    return waiver && text !== undefined ? { waiver, bytes, text } : undefined
  }

  function waivedIn(
    block: ScanBlock,
    { waiver_id }: InjectionWaiver,
    isHarmless: (hits: WaivableHits) => boolean,
    firstByte = 0,
  ): WaivedMatch[] | undefined {
    const findings = scanner.findAll(block.text)
    if (!isHarmless(hitsOf(block.text, findings, firstByte))) return undefined
    const matches = findings.flatMap((finding) =>
      matchesIn(block, finding).map(({ match }) => ({ ...match, waiver_id })),
    )
    // Most views show the same places; each is named once, by the first.
    return [...Map.groupBy(matches, placeOf).values()].flatMap(([first]) => first ?? [])
  }

  return {
    inSnippet(block) {
      const span = block.candidate_id === null ? undefined : spans.get(block.candidate_id)
      const source = span && sourceOf(pathOfSourceId(span.ref.id))
      const start = source && selectionStart(source.text, span.selector)
      if (!source || start === undefined || !source.text.startsWith(block.text, start)) return undefined
      const firstByte = Buffer.byteLength(source.text.slice(0, start))
      return waivedIn(block, source.waiver, (hits) => holdsHarmless(source.waiver, hits), firstByte)
    },
    inPack({ record }) {
      if (policy.waivers.length === 0) return () => undefined
      const parsed = ContextPackRecord.safeParse(record)
      const [only, ...others] = parsed.success ? parsed.data.sources : []
      const source = only && others.length === 0 ? sourceOf(pathOfSourceId(only.source_id)) : undefined
      if (!source || source.waiver.content_sha256 !== only?.source_hash) return () => undefined
      const words = new Set(source.waiver.spans.map((span) => wordsAt(source.bytes, span)))
      // A pack quotes its source, though not by place: what it may repeat are the very words of a waived span.
      return (field) => {
        const bytes = Buffer.from(field.text)
        return waivedIn(field, source.waiver, (hits) => hits?.every((hit) => words.has(wordsAt(bytes, hit))) === true)
      }
    },
  }
}

function placeOf({ pattern_id, members }: WaivedMatch): string {
  return JSON.stringify([pattern_id, ...members.flatMap(({ utf8_start, utf8_end }) => [utf8_start, utf8_end])])
}

function wordsAt(bytes: Uint8Array, { pattern_id, start_byte, end_byte }: WaivedSpan): string {
  return JSON.stringify([pattern_id, Buffer.from(bytes.subarray(start_byte, end_byte)).toString('utf8')])
}
