import type { ExtractedAnchor, Extraction, Extractor, LineRange } from '@ctxlock/contracts/extractor'
import { createLineIndex } from '@ctxlock/contracts/extraction-text'
import { FallbackReason } from '@ctxlock/contracts/packs'

import { extractLineWindows, LINE_WINDOWS } from './line-windows.ts'

export interface CheckedExtraction {
  readonly extraction: Extraction
  /** `name@version` of what produced it. */
  readonly extractor: string
  readonly fallbackReason?: FallbackReason
  readonly lineCount: number
}

/**
 * Asks the first extractor that matches and falls back to line windows when it refuses, throws, finds nothing or answers
 * with ranges outside the file. Extractors may come from plugins, so none of their answers is taken on trust.
 */
export function extractChecked(
  text: string,
  path: string,
  extractors: readonly Extractor[],
  maximumWindows: number,
): CheckedExtraction {
  const { lineCount } = createLineIndex(text)
  const extractor = extractors.find((candidate) => candidate.matches(path))
  const outcome = extractor && askExtractor(extractor, text, path, lineCount)
  if (extractor && outcome?.extraction) {
    return { extraction: outcome.extraction, extractor: `${extractor.name}@${extractor.version}`, lineCount }
  }
  return {
    extraction: extractLineWindows(text, path, maximumWindows),
    extractor: `${LINE_WINDOWS.name}@${LINE_WINDOWS.version}`,
    lineCount,
    ...(outcome?.refused && { fallbackReason: outcome.refused }),
  }
}

/** Lets every extractor that one of the paths will ask load what it needs; none that no path asks. */
export async function prepareExtractors(extractors: readonly Extractor[], paths: Iterable<string>): Promise<void> {
  const asked = new Set<Extractor>()
  for (const path of paths) {
    const extractor = extractors.find((candidate) => candidate.matches(path))
    if (extractor) asked.add(extractor)
  }
  for (const extractor of asked) await extractor.prepare?.()
}

interface Outcome {
  readonly extraction?: Extraction
  readonly refused?: FallbackReason
}

function askExtractor(extractor: Extractor, text: string, path: string, lineCount: number): Outcome {
  try {
    const answer = extractor.extract(text, path)
    if ('refused' in answer) return { refused: FallbackReason.parse(answer.refused) }
    if (!isWithin(answer, lineCount)) return { refused: 'invalid_output' }
    return answer.anchors.length === 0 ? { refused: 'no_anchors' } : { extraction: answer }
  } catch (error) {
    // By name: a plugin brings its own copy of the class.
    if (error instanceof Error && error.name === 'ExtractorNotPrepared') throw error
    // Whatever a plugin throws on hostile text, the file still gets a pack; the reason shows in its coverage.
    return { refused: 'extractor_failed' }
  }
}

function isWithin(extraction: Extraction, lineCount: number): boolean {
  const { anchors, facts = [], constraints = [], openLoops = [], title = '', summary = '' } = extraction
  return (
    areTexts(title, summary) &&
    Array.isArray(anchors) &&
    anchors.every((anchor) => hasLines(anchor, lineCount) && isNamed(anchor)) &&
    [facts, constraints, openLoops].every((items) =>
      items.every((item) => hasLines(item, lineCount) && areTexts(item.text)),
    ) &&
    constraints.every(({ severity }) => severity === 'hard' || severity === 'soft')
  )
}

function isNamed({ name, kind, hint, depth }: ExtractedAnchor): boolean {
  return areTexts(name, kind, hint) && Number.isInteger(depth) && depth >= 0
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}

function hasLines({ startLine, endLine }: LineRange, lineCount: number): boolean {
  return (
    Number.isInteger(startLine) &&
    Number.isInteger(endLine) &&
    startLine >= 1 &&
    startLine <= endLine &&
    endLine <= lineCount
  )
}
