import { createLineIndex, normativeConstraints, openLoopsIn, splitSentences } from '@ctxlock/contracts/extraction-text'
import type { ExtractedConstraint, ExtractedText } from '@ctxlock/contracts/extractor'

const OPENING = /^\s*(?:\/{2,}!?|\/\*+!?|\*+(?!\/)|#+!?|--+|;+|<!--|[a-zA-Z]{0,2}(?:"""|'''|["']))? ?/
const CLOSING = /\s*(?:\*+\/|-->|"""|''')\s*$/
const TRIGGER = /TODO|FIXME|MUST|SHALL|NEVER|ALWAYS|DO NOT|REQUIRED|SHOULD|RECOMMENDED/

export interface CommentRemarks {
  readonly constraints: readonly ExtractedConstraint[]
  readonly openLoops: readonly ExtractedText[]
}

/** The words of a comment or docstring, one element a line, without its marks. */
export function commentLines(raw: string): string[] {
  return raw.split('\n').map((line) => line.replace(CLOSING, '').replace(OPENING, '').trimEnd())
}

/** What a comment that starts on a line demands and leaves open. */
export function commentRemarks(raw: string, startLine: number): CommentRemarks {
  if (!TRIGGER.test(raw)) return { constraints: [], openLoops: [] }
  const words = commentLines(raw)
  const content = words.join('\n')
  const lines = createLineIndex(content)
  return {
    constraints: normativeConstraints(splitSentences(words, startLine)),
    openLoops: openLoopsIn(content, { lineAt: (offset) => startLine + lines.lineAt(offset) - 1 }),
  }
}
