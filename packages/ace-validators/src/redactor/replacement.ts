import { SECRET_CATEGORIES, type RedactionFinding } from '@ctxlock/contracts/ports'

import { withoutOverlaps } from './overlaps.ts'

type Detect = (text: string) => RedactionFinding[]

export interface Redacted {
  readonly text: string
  /** In order, without overlap, as UTF-16 offsets into the text that was given. */
  readonly findings: readonly RedactionFinding[]
}

/** Hostile text may uncover one more secret each time. What is left then fails the build that looks again (CP-033). */
const MOST_LOOKS = 4

/**
 * Puts a mark `[REDACTED:<category>:<detector_id>]` where each finding stood, and looks again: a mark ends the word before
 * it and begins what follows, so that a secret may show beside it that did not show in the text.
 */
export function replaceFindings(text: string, detect: Detect): Redacted {
  let findings = detect(text)
  for (let looks = 1; findings.length > 0; looks += 1) {
    const { result, marks } = withMarks(text, findings)
    const uncovered = looks < MOST_LOOKS ? detect(result).filter(({ category }) => SECRET_CATEGORIES.has(category)) : []
    if (uncovered.length === 0) return { text: result, findings }
    findings = withoutOverlaps([...findings, ...uncovered.map((finding) => inOriginal(finding, marks))])
  }
  return { text, findings }
}

interface Mark {
  /** Where it stands in the result. */
  readonly start: number
  readonly end: number
  readonly instead: RedactionFinding
}

function withMarks(text: string, findings: readonly RedactionFinding[]): { result: string; marks: readonly Mark[] } {
  const marks: Mark[] = []
  let result = ''
  let position = 0
  for (const instead of findings) {
    result += text.slice(position, instead.start)
    const start = result.length
    result += `[REDACTED:${instead.category}:${instead.detector_id}]`
    marks.push({ start, end: result.length, instead })
    position = instead.end
  }
  return { result: result + text.slice(position), marks }
}

/** The finding in the text the marks were put into. One that reaches into a mark takes all of what stood there along. */
function inOriginal(finding: RedactionFinding, marks: readonly Mark[]): RedactionFinding {
  return {
    ...finding,
    start: originalOffset(finding.start, marks, ({ instead }) => instead.start),
    end: originalOffset(finding.end, marks, ({ instead }) => instead.end),
  }
}

function originalOffset(offset: number, marks: readonly Mark[], inside: (mark: Mark) => number): number {
  const mark = marks.findLast(({ start }) => start < offset)
  if (mark === undefined) return offset
  return offset < mark.end ? inside(mark) : mark.instead.end + offset - mark.end
}
