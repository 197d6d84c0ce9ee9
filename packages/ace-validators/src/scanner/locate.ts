import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { codePointLength } from '../unicode/code-points.ts'
import type { ViewPatterns } from './patterns.ts'
import { cut } from './segments.ts'
import { collapse, transform, type View } from './views.ts'

/** One occurrence of a pattern. `offset` and `length` count code points of the view; `start` and `end` UTF-16 units of the raw text. */
export interface Occurrence {
  readonly pattern: InjectionPattern
  readonly offset: number
  readonly length: number
  readonly start: number
  readonly end: number
}

/** More occurrences than this in one text say nothing new; no view, pack or reading of letters names more. */
export const MOST_OCCURRENCES = 64
/** UTF-16 units of raw text that are looked at one piece at a time when a hit falls into them. */
const BLOCK = 1024

/** The occurrences of the patterns in one view of `text`, at most 64, in the order of their end. */
export function locate(text: string, { view, patterns, automaton }: ViewPatterns): Occurrence[] {
  const blocks = transformed(text, cut(text, BLOCK), view)
  const image = blocks.map((block) => block.image).join('')
  const toRaw = rawPositions(text, blocks, view)
  let counted = { units: 0, codePoints: 0 }

  return automaton.findAll(image, MOST_OCCURRENCES).flatMap(({ pattern: number, end }) => {
    const pattern = patterns[number]
    if (pattern === undefined) return []
    const start = startOf(image, end, pattern.text)
    if (start < counted.units) counted = { units: 0, codePoints: 0 }
    counted = { units: start, codePoints: counted.codePoints + collapsedLength(image, counted.units, start) }
    return [
      {
        pattern,
        offset: counted.codePoints,
        length: codePointLength(pattern.text),
        start: toRaw(start).start,
        end: toRaw(end - 1).end,
      },
    ]
  })
}

interface Piece {
  /** Where the piece lies in the raw text, and where its image lies in the view, in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly imageStart: number
  readonly image: string
}

function transformed(text: string, starts: readonly number[], view: View, base = 0): Piece[] {
  let imageStart = 0
  return starts.map((start, number) => {
    const end = starts[number + 1] ?? text.length
    const image = transform(view, text.slice(start, end))
    const piece = { start: base + start, end: base + end, imageStart, image }
    imageStart += image.length
    return piece
  })
}

/** Finds the smallest raw piece behind a position of the view; blocks without a hit are never taken apart. */
function rawPositions(text: string, blocks: readonly Piece[], view: View): (position: number) => Piece {
  const pieces = new Map<Piece, readonly Piece[]>()
  return (position) => {
    const block = pieceAt(blocks, position)
    let inner = pieces.get(block)
    if (inner === undefined) {
      const raw = text.slice(block.start, block.end)
      inner = transformed(raw, cut(raw), view, block.start)
      pieces.set(block, inner)
    }
    return pieceAt(inner, position - block.imageStart)
  }
}

function pieceAt(pieces: readonly Piece[], position: number): Piece {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((pieces[middle]?.imageStart ?? 0) <= position) low = middle
    else high = middle - 1
  }
  const piece = pieces[low]
  if (piece === undefined) throw new RangeError('A hit lies outside the text it was found in.')
  return piece
}

/** Walks back from the end of a hit; a space of the pattern stands for a run of White_Space. */
function startOf(image: string, end: number, pattern: string): number {
  let index = end
  for (let at = pattern.length - 1; at >= 0; at -= 1) {
    index -= 1
    if (pattern[at] !== ' ') continue
    while (index > 0 && isWhiteSpace(image.charAt(index - 1))) index -= 1
  }
  return index
}

// A run that the cut divides would count twice, so a leading space is dropped when one went before it.
function collapsedLength(image: string, from: number, to: number): number {
  const divided = from > 0 && isWhiteSpace(image.charAt(from - 1)) && isWhiteSpace(image.charAt(from))
  return codePointLength(collapse(image.slice(from, to))) - (divided ? 1 : 0)
}

function isWhiteSpace(character: string): boolean {
  return /^\p{White_Space}$/u.test(character)
}
