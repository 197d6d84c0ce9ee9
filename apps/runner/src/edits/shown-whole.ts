import type { RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { fileSourceId } from '@ctxlock/contracts/references'

/** True when the spans of a call hold every line of a file that is not blank. */
export function shownWhole({ spans }: Pick<RetrievalTrace, 'spans'>, path: string, text: string): boolean {
  const id = fileSourceId(path)
  // Of a line that is too long alone only the beginning is shown.
  const shown = spans.filter(({ ref, start, end, truncated }) => ref.id === id && !(truncated && start === end))
  return text
    .split('\n')
    .every(
      (line, index) => line.trim() === '' || shown.some(({ start, end }) => start <= index + 1 && index + 1 <= end),
    )
}
