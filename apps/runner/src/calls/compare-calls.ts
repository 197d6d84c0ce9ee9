import { canonicalHash, type Hash } from '@ctxlock/core-hash'

import type { SegmentedCall } from './call-segments.ts'

export interface NamedChange {
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly before: Hash | null
  readonly after: Hash | null
}

/** What another call saw differently. */
export interface CallDifference {
  readonly before: string
  readonly after: string
  /** In the order of the prompt of the later call, then what only the earlier one had. */
  readonly segments: readonly NamedChange[]
  readonly sources: readonly NamedChange[]
  readonly rules: readonly NamedChange[]
  /** The same pieces, in another order. */
  readonly reordered: boolean
}

export function compareCalls(before: SegmentedCall, after: SegmentedCall): CallDifference {
  const [old, now] = [hashesOf(before), hashesOf(after)]
  const segments = changes(old, now)
  return {
    before: before.call.call_id,
    after: after.call.call_id,
    segments,
    sources: changes(before.sources, after.sources),
    rules: changes(ruleHashes(before), ruleHashes(after)),
    reordered: segments.length === 0 && [...old.keys()].join('\n') !== [...now.keys()].join('\n'),
  }
}

/** The first piece in which two prompts part: everything before it could be taken from a provider's cache. */
export function firstChange(before: SegmentedCall, after: SegmentedCall): NamedChange | undefined {
  const length = Math.max(before.segments.length, after.segments.length)
  for (let index = 0; index < length; index += 1) {
    const [old, now] = [before.segments[index], after.segments[index]]
    if (old?.segment === now?.segment && old?.hash === now?.hash) continue
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed'
    const name = now?.segment ?? old?.segment ?? ''
    return { name, change, before: old?.hash ?? null, after: now?.hash ?? null }
  }
  return undefined
}

function hashesOf({ segments }: SegmentedCall): Map<string, Hash> {
  return new Map(segments.map(({ segment, hash }) => [segment, hash]))
}

function ruleHashes({ rules }: SegmentedCall): Map<string, Hash> {
  return new Map(rules.map((rule) => [rule.rule_id, canonicalHash(rule)]))
}

function changes(before: ReadonlyMap<string, Hash>, after: ReadonlyMap<string, Hash>): NamedChange[] {
  const names = [...new Set([...after.keys(), ...before.keys()])]
  return names.flatMap((name): NamedChange[] => {
    const [old, now] = [before.get(name) ?? null, after.get(name) ?? null]
    if (old === now) return []
    return [{ name, change: old === null ? 'added' : now === null ? 'removed' : 'changed', before: old, after: now }]
  })
}
