import type { RedactionFinding } from '@ctxlock/contracts/ports'

import { matchAt } from './rule.ts'

export const PATH = { category: 'path', detector_id: 'path_absolute' } as const

/** The finding of a path that was read up to `end`; quotes around it may take it further, punctuation shortens it. */
export function pathFrom(text: string, start: number, end: number): RedactionFinding {
  return { ...PATH, start, end: trimmed(text, start, enclosed(text, start, end)) }
}

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '<': '>' }
const ENCLOSED = /(?:\x20(?![-/])|[^\s"'`<>|;:,&=$*?]){1,256}/y
/** Between other quotes also with an apostrophe. */
const DOUBLY_ENCLOSED = /(?:\x20(?![-/])|[^\s"`<>|;:,&=$*?]){1,256}/y

/** Between quotes a name may hold spaces and brackets, as `New folder (2)/data file.csv` does: up to the closing quote. */
function enclosed(text: string, start: number, end: number): number {
  const closing = CLOSING[text.charAt(start - 1)]
  const rest = closing === undefined ? undefined : matchAt(closing === "'" ? ENCLOSED : DOUBLY_ENCLOSED, text, end)
  if (rest === undefined || text.charAt(end + rest[0].length) !== closing) return end + lastName(text, start, end)
  return /[\\/]|\.\w{1,8}$/.test(rest[0]) ? end + rest[0].length : end
}

/** Units of the second half of a file name at the end of a line, in a path that has spaces in it already. */
function lastName(text: string, start: number, end: number): number {
  if (!text.slice(start, end).includes(' ')) return 0
  return matchAt(/\x20[\w-]{1,64}\.\w{1,8}(?=[\r\n]|$)/y, text, end)?.[0].length ?? 0
}

/** Without the full stop or the dash that ends a sentence, not a path. */
function trimmed(text: string, start: number, end: number): number {
  let stop = end
  while (stop > start + 1 && /[.\s-]/.test(text.charAt(stop - 1))) stop -= 1
  return stop
}
