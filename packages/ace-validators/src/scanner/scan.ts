import type { InjectionMatch, InjectionPattern } from '@ctxlock/contracts/guards'

import { codePointLength } from '../unicode/code-points.ts'
import { UNICODE_TABLES } from '../unicode.ts'
import { blocksOf, joinBorders } from './borders.ts'
import { createCoder } from './coded-text.ts'
import { locate, type Occurrence } from './locate.ts'
import { compilePatterns, type ViewPatterns } from './patterns.ts'
import { imagesOf, VIEWS, type View, type ViewId } from './views.ts'

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
  readonly view: View
  readonly occurrences: readonly Occurrence[]
}

export interface Scanner {
  /** Changes whenever the same text could be judged differently: tables, patterns, views. */
  readonly version: string
  /** Looks at one text through every view in order and stops at the first that shows a pattern (VAL-063). */
  find(text: string): Finding | undefined
  /** Looks at every block and at the borders between neighbours, in prompt order (VAL-043). */
  scan(blocks: readonly ScanBlock[]): ScanResult
}

export interface ScannerOptions {
  /** Patterns of the policy profile, besides the four built-in ones (VAL-038). */
  readonly patterns?: readonly InjectionPattern[]
  /** View V6, which quarantines; default on. */
  readonly quarantineView?: boolean
}

const TABLE_VERSION = `unicode-${UNICODE_TABLES.unicodeVersion}+${UNICODE_TABLES.normalizerVersion}`
/** Matches one result carries; an event takes 16 of them (VAL-074). */
const MOST = 256

/** A scanner for the built-in and the given patterns. Throws `PATTERN_INVALID` (VAL-037..VAL-044, VAL-060..VAL-065). */
export function createScanner({ patterns = [], quarantineView = true }: ScannerOptions = {}): Scanner {
  const views = VIEWS.filter(({ action }) => quarantineView || action === 'poison')
  const compiled = compilePatterns(patterns, views)
  const coder = createCoder(compiled)
  const window = Math.max(...compiled.flatMap((view) => view.patterns.map(({ text }) => codePointLength(text))))

  function find(text: string): Finding | undefined {
    return first(text, () => true)
  }

  function first(text: string, relevant: (occurrence: Occurrence) => boolean): Finding | undefined {
    const shows = reader(text)
    for (const [index, candidate] of compiled.entries()) {
      if (!shows(candidate, index)) continue
      const occurrences = locate(text, candidate).filter(relevant)
      if (occurrences.length > 0) return { view: candidate.view, occurrences }
    }
    return undefined
  }

  /** Whether a view shows a pattern: by codes where that is possible, else by the view itself. */
  function reader(text: string): (candidate: ViewPatterns, index: number) => boolean {
    const coded = coder.encode(text)
    if (coded === undefined) {
      const image = imagesOf(text)
      return ({ view, automaton }) => automaton.contains(image(view))
    }
    const answers = new Map<ViewId, boolean>()
    const shows = ({ view }: ViewPatterns, index: number): boolean => {
      const known = answers.get(view.id)
      if (known !== undefined) return known
      const wider = compiled.findIndex((other) => other.view.id === view.within)
      const within = compiled[wider]
      const answer = (within === undefined || shows(within, wider)) && coded.shows(index)
      answers.set(view.id, answer)
      return answer
    }
    return shows
  }

  return {
    version: JSON.stringify([UNICODE_TABLES, views.map(({ id }) => id), patterns]),
    find,
    scan(blocks) {
      const findings = blocks.flatMap((block) => {
        const finding = find(block.text)
        return finding ? toMatches(finding, ({ start, end }) => [member(block, start, end)]) : []
      })
      return strongest([...findings, ...borderMatches(blocks)])
    },
  }

  function borderMatches(blocks: readonly ScanBlock[]): Match[] {
    if (blocks.length < 2) return []
    const texts = blocks.map(({ text }) => text)
    return joinBorders(texts, window).flatMap((joined) => {
      const finding = first(joined.text, ({ start, end }) => blocksOf(joined, start, end).length > 1)
      if (finding === undefined) return []
      return toMatches(finding, ({ start, end }) =>
        blocksOf(joined, start, end).flatMap((part) => {
          const block = blocks[part.block]
          return block ? [member(block, part.start, part.end)] : []
        }),
      )
    })
  }
}

type Match = { readonly action: View['action']; readonly match: InjectionMatch }
type Member = InjectionMatch['members'][number]

function toMatches({ view, occurrences }: Finding, members: (occurrence: Occurrence) => Member[]): Match[] {
  return occurrences.map((occurrence) => ({
    action: view.action,
    match: {
      pattern_id: occurrence.pattern.id,
      view_id: view.id,
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

function strongest(matches: readonly Match[]): ScanResult {
  const action = matches.some((match) => match.action === 'poison') ? 'poison' : matches[0]?.action
  if (action === undefined) return { action: 'none', matches: [] }
  const chosen = matches.filter((match) => match.action === action).slice(0, MOST)
  return { action, matches: chosen.map(({ match }) => match) }
}
