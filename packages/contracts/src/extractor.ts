// What turns one file into anchors: the port a plugin of kind `extractor` implements. Lines are numbered from 1, end at LF
// and are inclusive on both sides; a carriage return belongs to its line.
import type { FallbackReason } from './packs.ts'

export interface LineRange {
  readonly startLine: number
  readonly endLine: number
}

/** A named part of the file that is worth pointing at. */
export interface ExtractedAnchor extends LineRange {
  readonly name: string
  /** A word for the reader, such as `function` or `section`. */
  readonly kind: string
  /** What stands there, quoted or shortened from the file. The builder redacts and cuts it: do not cut it short yourself. */
  readonly hint: string
  /** 0 for the outermost parts. When there are more anchors than a pack may hold, the outermost are kept. */
  readonly depth: number
}

export interface ExtractedText extends LineRange {
  readonly text: string
}

export interface ExtractedConstraint extends ExtractedText {
  readonly severity: 'hard' | 'soft'
}

/** Everything is taken from the file as it stands; nothing is concluded, summarised or made up. */
export interface Extraction {
  readonly anchors: readonly ExtractedAnchor[]
  readonly facts?: readonly ExtractedText[]
  readonly constraints?: readonly ExtractedConstraint[]
  readonly openLoops?: readonly ExtractedText[]
  /** The first heading, or what the format uses in its place. */
  readonly title?: string
  /** The first paragraph or the leading doc comment. */
  readonly summary?: string
}

/** Says that this extractor cannot read the file; the builder falls back to line windows and records the reason. */
export interface ExtractionRefusal {
  readonly refused: FallbackReason
}

export interface Extractor {
  /** Unique among the extractors of one builder. */
  readonly name: string
  /** Changes whenever the same text could be extracted differently; part of the builder's config hash. */
  readonly version: string
  matches(path: string): boolean
  /**
   * Loads what `extract` needs, such as a wasm grammar. The host awaits it before the first file this extractor matches;
   * asking again does nothing.
   */
  prepare?(): Promise<void>
  /**
   * Pure and synchronous. `text` is hostile: an extractor bounds its own time and depth and refuses what exceeds them.
   * What it throws, and ranges outside the file, count as a refusal; only `ExtractorNotPrepared` reaches the host.
   */
  extract(text: string, path: string): Extraction | ExtractionRefusal
}

/**
 * Thrown by `extract` when `prepare` was not awaited. It never becomes a refusal: what a pack holds must not depend on
 * whether something was loaded (CP-001).
 */
export class ExtractorNotPrepared extends Error {
  override readonly name = 'ExtractorNotPrepared'

  constructor(extractor: string) {
    super(`Expected \`prepare\` of the extractor ${extractor} to be awaited before its first file; call it first.`)
  }
}
