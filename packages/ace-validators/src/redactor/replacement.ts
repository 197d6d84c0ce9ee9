import { SECRET_CATEGORIES, type RedactionFinding } from '@ctxlock/contracts/ports'

import { withoutOverlaps } from './overlaps.ts'
import { substitute } from './substitution.ts'

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
    const marked = substitute(
      text,
      findings.map(({ start, end, category, detector_id }) => ({
        start,
        end,
        by: `[REDACTED:${category}:${detector_id}]`,
      })),
    )
    const uncovered =
      looks < MOST_LOOKS ? detect(marked.text).filter(({ category }) => SECRET_CATEGORIES.has(category)) : []
    if (uncovered.length === 0) return { text: marked.text, findings }
    findings = withoutOverlaps([...findings, ...marked.inOriginal(uncovered)])
  }
  return { text, findings }
}
