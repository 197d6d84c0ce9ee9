import { withPlainLineEndings } from './source-text.ts'

export interface IntroducedMarker {
  readonly marker: 'TODO' | 'FIXME' | 'TBD' | 'implement me'
  /** Line of the changed file, from 1. */
  readonly line: number
}

// A to-do list is a thing programs are about; only the upper-case marks are notes to oneself.
const MARK = /\b(?:TODO|FIXME|TBD)\b/
const PHRASE = /\bimplement me\b/i

/**
 * Marks of unfinished work that an attempt brought into a file (MT-036). A line that stood in the file before, anywhere
 * and as often, is not counted. `before` is undefined for a file that is new.
 */
export function introducedMarkers(before: string | undefined, after: string): IntroducedMarker[] {
  const earlier = new Map<string, number>()
  for (const { line } of markedLines(before ?? '')) earlier.set(line, (earlier.get(line) ?? 0) + 1)
  return markedLines(after).flatMap(({ line, number, marker }) => {
    const left = earlier.get(line) ?? 0
    earlier.set(line, left - 1)
    return left > 0 ? [] : [{ marker, line: number }]
  })
}

function markedLines(text: string) {
  return withPlainLineEndings(text)
    .split('\n')
    .flatMap((line, index) => {
      const marker = markerOf(line)
      return marker === undefined ? [] : [{ line: line.trim(), number: index + 1, marker }]
    })
}

function markerOf(line: string): IntroducedMarker['marker'] | undefined {
  const [mark] = MARK.exec(line) ?? []
  if (mark === 'TODO' || mark === 'FIXME' || mark === 'TBD') return mark
  return PHRASE.test(line) ? 'implement me' : undefined
}
