import { candidateAction, type Scanner } from '@ctxlock/ace-validators/scanner'
import { hitsOf, holdsHarmless, type WaivableHits } from '@ctxlock/ace-validators/waivers'
import { windowsOf } from '@ctxlock/context-compiler'
import { decodeSourceText, selectionStart } from '@ctxlock/contracts/evidence'
import type { OnCandidateHit } from '@ctxlock/contracts/guards'
import type { TrustClass } from '@ctxlock/contracts/retrieval'
import type { InjectionWaiver } from '@ctxlock/contracts/waivers'

import { isTrusted } from '../environment/source-trust.ts'

/** One place where a pattern stands. Never the text itself: it would be carried on to where it is read. */
export interface SourceHit {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly pattern: string
  readonly view: string
  readonly action: 'poison' | 'quarantine' | 'waived'
  readonly trust: TrustClass
}

export interface SourceScan {
  /** Paths of what was read, in order. */
  readonly sources: readonly string[]
  /** How many of them are no text; nothing of them is ever quoted. */
  readonly notText: number
  /** How many a model is not shown, because the profile asks for more trust. */
  readonly distrusted: number
  /** Windows of the search index: a call is shown such a window, or lines of it. */
  readonly snippets: number
  readonly poisoning: number
  readonly quarantined: number
  readonly waived: number
  /** In order of path and line. */
  readonly hits: readonly SourceHit[]
}

/** What a call would do with what the scanner finds. */
export interface ScanRules {
  readonly scanner: Pick<Scanner, 'find' | 'findAll'>
  readonly onCandidateHit: OnCandidateHit
  readonly trustMin: TrustClass
  readonly trustOf: (path: string) => TrustClass
  /** The waiver in force for these bytes at this path. */
  readonly waiverFor: (path: string, hash: string) => InjectionWaiver | undefined
}

interface ScannedSource {
  readonly path: string
  readonly hash: string
  readonly bytes: Uint8Array
}

/** Looks at every snippet that retrieval could bring, as the guard would look at it in a call. */
export function scanSources(sources: Iterable<ScannedSource>, rules: ScanRules): SourceScan {
  const paths: string[] = []
  const hits: SourceHit[] = []
  const counts = { notText: 0, distrusted: 0, snippets: 0, poison: 0, quarantine: 0, waived: 0 }
  for (const source of sources) {
    paths.push(source.path)
    const text = decodeSourceText(source.bytes)
    if (!isTrusted(rules.trustOf(source.path), rules.trustMin)) counts.distrusted += 1
    else if (text === undefined || text.includes('\0')) counts.notText += 1
    else {
      for (const found of scanText(source, text, rules)) {
        counts.snippets += 1
        hits.push(...found)
        if (found[0]) counts[found[0].action] += 1
      }
    }
  }
  const { poison: poisoning, quarantine: quarantined, ...others } = counts
  return { sources: paths, ...others, poisoning, quarantined, hits }
}

/** The hits of each snippet of a text; all of one snippet come to the same. */
function* scanText({ path, hash }: ScannedSource, text: string, rules: ScanRules): Generator<readonly SourceHit[]> {
  const trust = rules.trustOf(path)
  const waiver = rules.waiverFor(path, hash)
  for (const snippet of windowsOf(text).chunks) {
    const finding = rules.scanner.find(snippet.text)
    if (finding === undefined) yield []
    else {
      const isWaived = waiver !== undefined && holdsHarmless(waiver, everyHit(snippet, text, rules))
      const action = isWaived ? 'waived' : candidateAction(finding.action, [finding.viewId], rules.onCandidateHit)
      const found = finding.occurrences.map(({ pattern, start, end }): SourceHit => {
        return { path, ...linesAt(snippet, start, end), pattern: pattern.id, view: finding.viewId, action, trust }
      })
      yield withoutRepetition(found)
    }
  }
}

function everyHit({ start, end, text: part }: Snippet, text: string, { scanner }: ScanRules): WaivableHits {
  const before = text.slice(0, selectionStart(text, `lines:${start}-${end}`))
  return hitsOf(part, scanner.findAll(part), Buffer.byteLength(before))
}

interface Snippet {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The lines of the file on which a part of the snippet stands. */
function linesAt({ start: first, text }: Snippet, start: number, end: number) {
  const start_line = first + lineFeeds(text.slice(0, start))
  return { start_line, end_line: start_line + lineFeeds(text.slice(start, end)) }
}

function lineFeeds(text: string): number {
  return text.split('\n').length - 1
}

/** A pattern that stands twice on one line is one hit. */
function withoutRepetition(hits: readonly SourceHit[]): SourceHit[] {
  const ordered = hits.toSorted((left, right) => left.start_line - right.start_line)
  return [...new Map(ordered.map((hit) => [`${hit.start_line} ${hit.end_line} ${hit.pattern}`, hit])).values()]
}
