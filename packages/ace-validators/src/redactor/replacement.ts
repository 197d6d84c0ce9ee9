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
    findings = withoutOverlaps([...findings, ...inOriginal(uncovered, marks)])
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

/** The findings in the text the marks were put into. One that reaches into a mark takes all of what stood there along. */
function inOriginal(findings: readonly RedactionFinding[], marks: readonly Mark[]): RedactionFinding[] {
  // Both stand in order: hostile text may hold as many marks as findings, and nobody looks at one twice.
  let next = 0
  const markBefore = (offset: number): Mark | undefined => {
    while ((marks[next]?.start ?? Infinity) < offset) next += 1
    return marks[next - 1]
  }
  return findings.map((finding) => {
    const first = markBefore(finding.start)
    const last = markBefore(finding.end)
    return {
      ...finding,
      start: originalOffset(finding.start, first, first?.instead.start),
      end: originalOffset(finding.end, last, last?.instead.end),
    }
  })
}

/** `inside` is what an offset within the mark stands for. */
function originalOffset(offset: number, mark: Mark | undefined, inside = offset): number {
  if (mark === undefined) return offset
  return offset < mark.end ? inside : mark.instead.end + offset - mark.end
}
