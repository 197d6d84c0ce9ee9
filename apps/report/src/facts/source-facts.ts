import type { CallFacts } from './call-facts.ts'
import { Fields } from './fields.ts'
import type { ReadEvent } from './read-event.ts'

/** One version of a source that at least one call saw a part of. */
export interface SourceFacts {
  readonly id: string
  readonly hash: string | undefined
  readonly trust: string | undefined
  /** Lines that were seen, in order. */
  readonly spans: readonly string[]
  readonly calls: readonly string[]
}

/** A pack that was looked at for a call, or built. */
export interface PackFacts {
  readonly target: string
  readonly hash: string | undefined
  readonly state: 'built' | 'reused' | 'refreshed' | 'stale' | 'fresh'
  /** Why it was stale, and what was done instead. */
  readonly detail: string | undefined
}

export function sourceFacts(calls: readonly CallFacts[]): SourceFacts[] {
  const seen = calls.flatMap(({ id: call, trace }) =>
    (trace?.fields.list('spans') ?? []).map((span) => ({
      call,
      id: span.text('ref', 'id') ?? '',
      hash: span.text('ref', 'hash'),
      lines: [span.number('start') ?? 0, span.number('end') ?? 0] as const,
      trust: trustOf(trace?.fields, span.text('candidate_id')),
    })),
  )
  const bySource = Map.groupBy(seen, ({ id, hash }) => `${id} ${hash}`)
  return [...bySource.values()]
    .flatMap((spans): SourceFacts[] => {
      const [first] = spans
      const lines = spans.map((span) => span.lines).toSorted(([one], [other]) => one - other)
      if (!first) return []
      return [
        {
          id: first.id,
          hash: first.hash,
          trust: first.trust,
          spans: [...new Set(lines.map(([start, end]) => (start === end ? `${start}` : `${start}–${end}`)))],
          calls: [...new Set(spans.map(({ call }) => call))],
        },
      ]
    })
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

function trustOf(trace: Fields | undefined, candidate: string | undefined): string | undefined {
  return trace
    ?.list('candidates')
    .find((one) => one.text('candidate_id') === candidate)
    ?.text('trust_class')
}

const PACK_EVENTS: Readonly<Record<string, PackFacts['state']>> = {
  context_pack_built: 'built',
  context_pack_reused: 'reused',
  context_pack_refreshed: 'refreshed',
}

export function packFacts(events: readonly ReadEvent[], calls: readonly CallFacts[]): PackFacts[] {
  const told = events.flatMap(({ type, fields }): PackFacts[] => {
    const payload = fields.at('payload')
    const state = PACK_EVENTS[type]
    if (state) return [{ target: targetOf(payload), hash: payload.text('payload_hash'), state, detail: undefined }]
    return type === 'context_pack_stale_outcome' ? [examined(payload)] : []
  })
  const looked = calls.flatMap(({ trace }) => trace?.fields.list('context_pack_freshness').map(examined) ?? [])
  const byPack = new Map([...looked, ...told].map((pack) => [`${pack.target} ${pack.hash}`, pack]))
  return [...byPack.values()].toSorted((one, other) => (one.target < other.target ? -1 : 1))
}

function examined(record: Fields): PackFacts {
  const isStale = record.flag('context_pack_stale_detected')
  const words = [record.text('context_pack_stale_reason'), record.text('outcome')].filter((word) => word !== undefined)
  return {
    target: targetOf(record),
    hash: record.text('pack_payload_hash'),
    state: isStale ? 'stale' : 'fresh',
    detail: isStale ? words.join(' → ').replaceAll('_', ' ') : undefined,
  }
}

/** A source's id, also out of a canonical reference `["source_ref","span","file:a",…]`. */
function targetOf(record: Fields): string {
  const target = record.text('target') ?? ''
  const [, , id] = Fields.of(target).list()
  return typeof id?.value === 'string' ? id.value : target
}
