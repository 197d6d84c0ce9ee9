import { selectText } from '@ctxlock/contracts/evidence'
import type { TokenCounter } from '@ctxlock/contracts/ports'
import { parseSelector } from '@ctxlock/contracts/references'

import type { LineRange } from '../lexical/chunks.ts'
import { tokenise } from '../lexical/tokens.ts'

export interface SpanRequest {
  readonly text: string
  readonly lines: readonly string[]
  /** The candidate's own selector. */
  readonly selector: string
  /** Terms to keep in sight when not all of the range fits. */
  readonly terms: ReadonlySet<string>
  /** Tokens the text may cost. */
  readonly limit: number
  readonly counter: TokenCounter
}

export interface SpanText extends LineRange {
  /** Verbatim; what `selector` selects. */
  readonly text: string
  /** `lines:`, or `span:` when a single line had to be cut. */
  readonly selector: string
  readonly tokens: number
  /** True when the candidate's own range did not fit. */
  readonly truncated: boolean
}

/** Lines of context that may surround a window of query words on each side. */
const NEIGHBOURS = 20

/**
 * The text of a candidate within the limit (ACE-047..ACE-049): all of it if it fits; else the window of whole lines that
 * holds most query terms; else the longest prefix of whole lines; else of whole code points. Undefined when the source
 * has no such range or not one code point fits.
 */
export function extractSpan(request: SpanRequest): SpanText | undefined {
  const place = parseSelector(request.selector)
  if (place?.kind === 'span') return codePointSpan(request, place.start, selectText(request.text, request.selector))
  if (place?.kind !== 'lines' || place.start < 1 || place.end > request.lines.length) return undefined
  const whole = { start: place.start, end: place.end }
  if (tokensOf(request, whole) <= request.limit) return lineSpan(request, whole, false)
  const window = bestWindow(request, whole) ?? whole
  const fitting = longestPrefix(window.end - window.start + 1, (count) => {
    return tokensOf(request, { start: window.start, end: window.start + count - 1 }) <= request.limit
  })
  if (fitting > 0) return lineSpan(request, { start: window.start, end: window.start + fitting - 1 }, true)
  const before = request.lines.slice(0, window.start - 1).reduce((sum, line) => sum + codePoints(line) + 1, 0)
  return codePointSpan(request, before, request.lines[window.start - 1])
}

function lineSpan(request: SpanRequest, range: LineRange, truncated: boolean): SpanText {
  const text = textOf(request, range)
  const selector = `lines:${range.start}-${range.end}`
  return { ...range, text, selector, tokens: request.counter.count(text), truncated }
}

/** A range of code points, cut to the longest prefix that fits. */
function codePointSpan(
  { text, limit, counter }: SpanRequest,
  start: number,
  wanted: string | undefined,
): SpanText | undefined {
  if (wanted === undefined) return undefined
  const points = Array.from(wanted)
  const count = longestPrefix(points.length, (length) => counter.count(points.slice(0, length).join('')) <= limit)
  if (count === 0) return undefined
  const kept = points.slice(0, count).join('')
  const before = selectText(text, `span:0-${start}`) ?? ''
  const line = before.split('\n').length
  return {
    start: line,
    end: line + kept.split('\n').length - 1,
    text: kept,
    selector: `span:${start}-${start + count}`,
    tokens: counter.count(kept),
    truncated: count < points.length,
  }
}

/** The smallest window that holds the most distinct terms within the limit, with as much around it as still fits. */
function bestWindow(request: SpanRequest, within: LineRange): LineRange | undefined {
  const hits = termHits(request, within)
  const costs = request.lines.slice(within.start - 1, within.end).map((line) => request.counter.count(`${line}\n`))
  let best: (LineRange & { readonly found: number }) | undefined
  hits.forEach(({ line: start }, first) => {
    const found = new Set<string>()
    let cost = 0
    let next = start
    for (const { line: end, terms } of hits.slice(first)) {
      for (; next <= end; next += 1) cost += costs[next - within.start] ?? 0
      if (cost > request.limit) break
      for (const term of terms) found.add(term)
      const size = end - start
      if (!best || found.size > best.found || (found.size === best.found && size < best.end - best.start)) {
        best = { start, end, found: found.size }
      }
    }
  })
  return best && widen(request, best, within)
}

function termHits({ lines, terms }: SpanRequest, within: LineRange) {
  const hits: { readonly line: number; readonly terms: readonly string[] }[] = []
  if (terms.size === 0) return hits
  for (let line = within.start; line <= within.end; line += 1) {
    const found = tokenise((lines[line - 1] ?? '').slice(0, MAX_LINE_UNITS)).filter((token) => terms.has(token))
    if (found.length > 0) hits.push({ line, terms: found })
  }
  return hits
}

/** Windows are looked for in this much of a line; the rest of a longer one is not written by hand. */
const MAX_LINE_UNITS = 32_768

/** Takes in one line below, then one above, in turn, as long as it fits. */
function widen(request: SpanRequest, window: LineRange, within: LineRange): LineRange {
  let wide: LineRange = { start: window.start, end: window.end }
  const fits = (range: LineRange) => tokensOf(request, range) <= request.limit
  for (let step = 1; step <= NEIGHBOURS; step += 1) {
    const before = wide
    const below = { start: wide.start, end: Math.min(within.end, wide.end + 1) }
    if (fits(below)) wide = below
    const above = { start: Math.max(within.start, wide.start - 1), end: wide.end }
    if (fits(above)) wide = above
    if (wide.start === before.start && wide.end === before.end) break
  }
  return wide
}

function textOf({ lines }: SpanRequest, { start, end }: LineRange): string {
  return lines.slice(start - 1, end).join('\n')
}

function tokensOf(request: SpanRequest, range: LineRange): number {
  return request.counter.count(textOf(request, range))
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** The largest count in 0..maximum that fits, if fitting ends once and for all; doubling first, so a huge text costs little. */
function longestPrefix(maximum: number, fits: (count: number) => boolean): number {
  let low = 0
  let high = 1
  while (high <= maximum && fits(high)) {
    low = high
    high *= 2
  }
  high = Math.min(high, maximum + 1)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
