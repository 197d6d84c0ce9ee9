import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { createPackScanner } from '../packs/pack-scan.ts'
import type { PatternPack } from '../packs/pattern-pack.ts'
import { codePointLength } from '../unicode/code-points.ts'
import { UNICODE_TABLES } from '../unicode.ts'
import { blocksOf, joinBorders, type Joined } from './borders.ts'
import { createCoder } from './coded-text.ts'
import { DECODINGS } from './decoding/decodings.ts'
import type { Range } from './decoding/derived-text.ts'
import { BORDER } from './letters/gaps.ts'
import { createLetterScanner } from './letters/letter-scan.ts'
import { locate } from './locate.ts'
import {
  acrossBorder,
  matchesIn,
  strongest,
  type Finding,
  type Match,
  type ScanBlock,
  type ScanResult,
} from './matches.ts'
import { BUILT_IN_PATTERNS, compilePatterns, type ViewPatterns } from './patterns.ts'
import { imagesOf, VIEWS, type View, type ViewId } from './views.ts'
import { isWhole, placeOf } from './wrapping.ts'

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
  /** Pattern packs, whose hits are quarantined; none if left out. */
  readonly packs?: readonly PatternPack[]
}

/** Texts within texts that are looked at: base64 of base64, and no further. */
const MOST_DECODINGS = 2
/** A scanner for the built-in and the given patterns. Throws `PATTERN_INVALID` (VAL-037..VAL-044, VAL-060..VAL-065). */
export function createScanner({ patterns = [], quarantineView = true, packs = [] }: ScannerOptions = {}): Scanner {
  const views = VIEWS.filter(({ action }) => quarantineView || action === 'poison')
  const compiled = compilePatterns(patterns, views)
  const coder = createCoder(compiled)
  const letterScanner = createLetterScanner([...BUILT_IN_PATTERNS, ...patterns])
  const packScanner = createPackScanner(packs)
  const window = Math.max(...compiled.flatMap((view) => view.patterns.map(({ text }) => codePointLength(text))))

  function find(text: string): Finding | undefined {
    const views = viewsOf(text)
    const finding = views('poison') ?? inLetters(text) ?? decoded(text, MOST_DECODINGS) ?? views('quarantine')
    return finding ? placed(text, finding) : inPacks(text)
  }

  /** The first view of an action that shows anything. */
  function viewsOf(text: string, relevant: Relevant = () => true): (action: View['action']) => Finding | undefined {
    const shows = reader(text)
    return (action) => {
      for (const [index, candidate] of compiled.entries()) {
        if (candidate.view.action !== action || !shows(candidate, index)) continue
        const found = locate(text, candidate).filter(relevant)
        // With punctuation gone, `'developer' : modelOf` would hold a pattern.
        const occurrences = action === 'poison' ? found : found.filter((range) => isWhole(text, range))
        if (occurrences.length > 0) return { viewId: candidate.view.id, action, occurrences }
      }
      return undefined
    }
  }

  function inPacks(text: string): Finding | undefined {
    const found = packScanner(text)
    return found && { viewId: `V0.${found.packId}`, action: 'quarantine', occurrences: found.occurrences }
  }

  function inLetters(text: string, relevant?: Relevant): Finding | undefined {
    const found = letterScanner.find(text, relevant)
    return found && { viewId: found.viewId, action: 'poison', occurrences: found.hits }
  }

  /** What is seen in the texts that this one holds in another spelling, `depth` deep. */
  function decoded(text: string, depth: number): Finding | undefined {
    if (depth === 0) return undefined
    for (const { id, decode } of DECODINGS) {
      const derived = decode(text)
      if (derived === undefined) continue
      const finding = viewsOf(derived.text)('poison') ?? inLetters(derived.text) ?? decoded(derived.text, depth - 1)
      if (finding === undefined) continue
      const occurrences = finding.occurrences.map((occurrence) => ({ ...occurrence, ...derived.rangeOf(occurrence) }))
      return { ...finding, viewId: `${id}.${finding.viewId}`, occurrences }
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
    version: JSON.stringify([
      UNICODE_TABLES,
      views.map(({ id }) => id),
      DECODINGS.map(({ id }) => id),
      patterns,
      packs.map(({ id, version }) => [id, version]),
    ]),
    find,
    scan(blocks) {
      const findings = blocks.flatMap((block) => {
        const finding = find(block.text)
        return finding ? matchesIn(block, finding) : []
      })
      return strongest([...findings, ...borderMatches(blocks)])
    },
  }

  /** A pattern that is only there when neighbours are read together: nobody wrote it into one of them (VAL-043). */
  function borderMatches(blocks: readonly ScanBlock[]): Match[] {
    if (blocks.length < 2) return []
    const texts = blocks.map(({ text }) => text)
    const spaced = joinBorders(texts, window, ' ')
    const seen = (action: View['action']) =>
      spaced.flatMap((joined) => acrossBorder(joined, viewsOf(joined.text, crosses(joined))(action), blocks))
    const words = seen('poison')
    if (words.length > 0) return words
    const letters = joinBorders(texts, window, BORDER).flatMap((joined) =>
      acrossBorder(joined, inLetters(joined.text, crosses(joined)), blocks),
    )
    return letters.length > 0 ? letters : seen('quarantine')
  }
}

type Relevant = (range: Range) => boolean

function crosses(joined: Joined): Relevant {
  return ({ start, end }) => blocksOf(joined, start, end).length > 1
}

function placed(text: string, finding: Finding): Finding {
  const occurrences = finding.occurrences.map((occurrence) => ({
    ...occurrence,
    ...placeOf(text, occurrence, finding.viewId !== 'V0'),
  }))
  return { ...finding, occurrences }
}
