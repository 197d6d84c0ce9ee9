import type { InjectionMatch } from '@ctxlock/contracts/guards'

import { UNICODE_TABLES } from '../unicode.ts'
import { blocksOf, type Joined } from './borders.ts'
import type { Occurrence } from './locate.ts'
import type { View } from './views.ts'

/** One untrusted text of a prompt. */
export interface ScanBlock {
  /** Names the block in matches, for example its `order_key`. */
  readonly block: string
  readonly text: string
  readonly content_hash: string
  readonly candidate_id: string | null
  readonly source_ref_hash: string | null
}

export interface ScanResult {
  readonly action: 'none' | 'quarantine' | 'poison'
  /** Those of the strongest action; empty for `none`. Ids, offsets and hashes, never text (VAL-044). */
  readonly matches: readonly InjectionMatch[]
}

/** What the first view that shows anything shows. */
export interface Finding {
  /** A view; `L` for letters alone; `<decoding>.<view>` for what is seen in a decoded text; `V0.<pack>` and `L.<pack>` for a pattern pack. */
  readonly viewId: string
  readonly action: View['action']
  readonly occurrences: readonly Occurrence[]
}

export type Match = { readonly action: View['action']; readonly match: InjectionMatch }
type Member = InjectionMatch['members'][number]

/** Of the Unicode tables and of this Node's normaliser (VAL-065). */
export const TABLE_VERSION = `unicode-${UNICODE_TABLES.unicodeVersion}+${UNICODE_TABLES.normalizerVersion}`
/** Matches one result carries; an event takes 16 of them (VAL-074). */
const MOST = 256

/** What only leads from one block to the next. */
const EDGE_START = /^[\s*_`~>#]+/
const EDGE_END = /[\s*_`~]+$/

/** The matches of a finding in one block. */
export function matchesIn(block: ScanBlock, finding: Finding): Match[] {
  return toMatches(finding, ({ start, end }) => [member(block, start, end)])
}

/** The matches of a finding in a text of several blocks; they quarantine. */
export function acrossBorder(joined: Joined, finding: Finding | undefined, blocks: readonly ScanBlock[]): Match[] {
  if (finding === undefined) return []
  return toMatches({ ...finding, action: 'quarantine' }, ({ start, end }) =>
    blocksOf(joined, start, end).flatMap((part) => {
      const block = blocks[part.block]
      if (block === undefined) return []
      const found = block.text.slice(part.start, part.end)
      const start = part.end - found.replace(EDGE_START, '').length
      return [member(block, start, part.start + found.replace(EDGE_END, '').length)]
    }),
  )
}

function toMatches({ viewId, action, occurrences }: Finding, members: (occurrence: Occurrence) => Member[]): Match[] {
  return occurrences.map((occurrence) => ({
    action,
    match: {
      pattern_id: occurrence.pattern.id,
      view_id: viewId,
      offset: occurrence.offset,
      length: occurrence.length,
      members: members(occurrence),
      table_version: TABLE_VERSION,
    },
  }))
}

function member(
  { block, text, candidate_id, source_ref_hash, content_hash }: ScanBlock,
  start: number,
  end: number,
): Member {
  const utf8_start = Buffer.byteLength(text.slice(0, start))
  return {
    block,
    candidate_id,
    source_ref_hash,
    content_hash,
    utf16_start: start,
    utf16_end: end,
    utf8_start,
    utf8_end: utf8_start + Buffer.byteLength(text.slice(start, end)),
  }
}

/** The matches of the strongest action. */
export function strongest(matches: readonly Match[]): ScanResult {
  const action = matches.some((match) => match.action === 'poison') ? 'poison' : matches[0]?.action
  if (action === undefined) return { action: 'none', matches: [] }
  const chosen = matches.filter((match) => match.action === action).slice(0, MOST)
  return { action, matches: chosen.map(({ match }) => match) }
}
