import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { createPackScanner } from '../packs/pack-scan.ts'
import type { PatternPack } from '../packs/pattern-pack.ts'
import { codePointLength } from '../unicode/code-points.ts'
import { UNICODE_TABLES } from '../unicode.ts'
import { borderMatches, type Looks, type Relevant } from './border-matches.ts'
import { createCoder } from './coded-text.ts'
import { DECODINGS } from './decoding/decodings.ts'
import { textsWithin, type TextWithin } from './decoding/texts-within.ts'
import { BETWEEN, type Range } from './decoding/derived-text.ts'
import { createFirstLook, ORDINARY } from './first-look.ts'
import { createLetterScanner } from './letters/letter-scan.ts'
import { locate } from './locate.ts'
import { matchesIn, strongest, type Finding, type ScanBlock, type ScanResult } from './matches.ts'
import { BUILT_IN_PATTERNS, compilePatterns, type ViewPatterns } from './patterns.ts'
import { imagesOf, VIEWS, type View, type ViewId } from './views.ts'
import { isWhole, placeOf } from './wrapping.ts'

export interface Scanner {
  /** Changes whenever the same text could be judged differently: tables, patterns, views. */
  readonly version: string
  /** Looks at one text through every view in order and stops at the first that shows a pattern (VAL-063). */
  find(text: string): Finding | undefined
  /** What every view shows, for whoever has to know that nothing else is there. */
  findAll(text: string): readonly Finding[]
  /**
   * Looks at every block and at the borders between neighbours, in prompt order (VAL-043). Of blocks whose own hits were
   * judged already only the borders count.
   */
  scan(blocks: readonly ScanBlock[], isJudged?: (block: ScanBlock) => boolean): ScanResult
}

export interface ScannerOptions {
  /** Patterns of the policy profile, besides the four built-in ones (VAL-038). */
  readonly patterns?: readonly InjectionPattern[]
  /** View V6, which quarantines; default on. */
  readonly quarantineView?: boolean
  /** Pattern packs, each with an action of its own; none if left out. */
  readonly packs?: readonly PatternPack[]
}

/** A scanner for the built-in and the given patterns. Throws `PATTERN_INVALID` (VAL-037..VAL-044, VAL-060..VAL-065). */
export function createScanner({ patterns = [], quarantineView = true, packs = [] }: ScannerOptions = {}): Scanner {
  const views = VIEWS.filter(({ action }) => quarantineView || action === 'poison')
  const compiled = compilePatterns(patterns, views)
  const coder = createCoder(compiled)
  const letterScanner = createLetterScanner([...BUILT_IN_PATTERNS, ...patterns])
  const firstLook = createFirstLook(() => [...coder.searchesFor(ORDINARY), letterScanner.plain])
  const packScanners = { poison: packScannerOf('poison'), quarantine: packScannerOf('quarantine') }
  const window = Math.max(...compiled.flatMap((view) => view.patterns.map(({ text }) => codePointLength(text))))

  /** What the views show, in the order in which they count; only as far as it is asked for. */
  function* findings(text: string): Generator<Finding, void> {
    const isClean = firstLook(text)
    const shown = viewsOf(text, { isClean })
    const suspected: Finding[] = []
    for (const found of [
      shown('poison'),
      inLetters(text, { isClean }),
      decoded(text, suspected),
      inPacks(text, 'poison'),
      shown('quarantine'),
      inPacks(text, 'quarantine'),
      suspected,
    ]) {
      for (const finding of found) yield placed(text, finding)
    }
  }

  function packScannerOf(action: View['action']) {
    return createPackScanner(packs.filter((pack) => pack.action === action))
  }

  /** The views of an action that show anything. */
  function viewsOf(
    text: string,
    { relevant = () => true, isClean = false }: LookOptions = {},
  ): (action: View['action']) => Generator<Finding, void> {
    const shows = isClean ? () => false : reader(text)
    return function* (action) {
      for (const [index, candidate] of compiled.entries()) {
        if (candidate.view.action !== action || !shows(candidate, index)) continue
        const found = locate(text, candidate).filter(relevant)
        const occurrences = action === 'poison' ? found : found.filter((range) => isJoined(text, range))
        if (occurrences.length > 0) yield { viewId: candidate.view.id, action, occurrences }
      }
    }
  }

  function* inPacks(text: string, action: View['action']): Generator<Finding, void> {
    for (const found of packScanners[action](text)) yield { ...found, action }
  }

  function* inLetters(text: string, options?: LookOptions): Generator<Finding, void> {
    for (const { viewId, hits } of letterScanner.findings(text, options)) {
      yield { viewId, action: 'poison', occurrences: hits }
    }
  }

  /** What is seen in the texts that this one holds in another spelling; what packs only suspect there goes to `suspected`. */
  function* decoded(text: string, suspected: Finding[]): Generator<Finding, void> {
    for (const held of textsWithin(text)) {
      // A line less between two texts hides nothing; with the sign in it most would not be ASCII.
      const isClean = firstLook(held.text.replaceAll(BETWEEN, '\n'))
      for (const found of [
        viewsOf(held.text, { isClean })('poison'),
        inLetters(held.text, { isClean }),
        inPacks(held.text, 'poison'),
      ]) {
        for (const finding of found) yield outside(held, finding)
      }
      for (const finding of inPacks(held.text, 'quarantine')) suspected.push(outside(held, finding))
    }
  }

  const looks: Looks = {
    views: (text, relevant, action) => viewsOf(text, { relevant, isClean: firstLook(text) })(action),
    letters: (text, relevant) => inLetters(text, { relevant, isClean: firstLook(text) }),
    *beyondViews(text) {
      const suspected: Finding[] = []
      yield* inPacks(text, 'poison')
      yield* inPacks(text, 'quarantine')
      yield* decoded(text, suspected)
      yield* suspected
    },
  }

  /** Whether a view shows a pattern: by codes where that is possible, else by the view itself. */
  function reader(text: string): (candidate: ViewPatterns, index: number) => boolean {
    const coded = coder.encode(text)
    if (coded === undefined) {
      const image = imagesOf(text)
      return ({ view, automaton }) => automaton.contains(image(view))
    }
    const answers = new Map<ViewId, boolean>()
    const shows = (candidate: ViewPatterns, index: number): boolean => {
      const { view } = candidate
      const known = answers.get(view.id)
      if (known !== undefined) return known
      const wider = coded.composes ? -1 : compiled.findIndex((other) => other.view.id === view.within)
      const within = compiled[wider]
      const answer = (within === undefined || shows(within, wider)) && coded.shows(index, candidate)
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
    find: (text) => first(findings(text)),
    findAll: (text) => [...findings(text)],
    scan(blocks, isJudged = () => false) {
      const own = blocks.flatMap((block) => {
        const finding = isJudged(block) ? undefined : first(findings(block.text))
        return finding ? matchesIn(block, finding) : []
      })
      return strongest([...own, ...borderMatches(blocks, looks, window)])
    },
  }
}

/** A finding in a text that another one holds, where it stands in that one. */
function outside({ id, rangeOf }: TextWithin, finding: Finding): Finding {
  const occurrences = finding.occurrences.map((occurrence) => ({ ...occurrence, ...rangeOf(occurrence) }))
  return { ...finding, viewId: `${id}.${finding.viewId}`, occurrences }
}

/** With punctuation gone, `'developer' : modelOf` and `os.system(command)` would hold patterns. */
function isJoined(text: string, range: Range): boolean {
  return isWhole(text, range) && !text.slice(range.start, range.end).includes('(')
}

interface LookOptions {
  /** Which hits count; all if left out. */
  readonly relevant?: Relevant
  /** Whether the first look showed that the views and the letters as they stand show nothing. */
  readonly isClean?: boolean
}

/** Asks for no more than the first. */
function first<Item>(items: Generator<Item, void>): Item | undefined {
  const [item] = items
  return item
}

function placed(text: string, finding: Finding): Finding {
  const occurrences = finding.occurrences.map((occurrence) => ({
    ...occurrence,
    ...placeOf(text, occurrence, finding.viewId !== 'V0'),
  }))
  return { ...finding, occurrences }
}
