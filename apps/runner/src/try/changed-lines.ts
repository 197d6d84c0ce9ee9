export interface ChangedLines {
  /** The first line that differs, from 1. */
  readonly line: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** The block of lines in which two versions of a text differ; undefined when they do not, or are no text. */
export function changedLines(before: Uint8Array, after: Uint8Array): ChangedLines | undefined {
  const old = linesOf(before)
  const now = linesOf(after)
  if (!old || !now) return undefined
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1
  const removed = old.slice(start, old.length - end)
  const added = now.slice(start, now.length - end)
  return removed.length + added.length === 0 ? undefined : { line: start + 1, removed, added }
}

function linesOf(bytes: Uint8Array): string[] | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n')
  } catch {
    return undefined
  }
}
