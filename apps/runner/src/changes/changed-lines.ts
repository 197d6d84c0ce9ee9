import { SECRET_CATEGORIES, type Redactor } from '@ctxlock/contracts/ports'

import { lineEdits } from './line-edits.ts'
import { formChanges, textForm } from './text-form.ts'

/** A run of changed lines as in a unified diff without context; lines count from 1. */
export interface Hunk {
  /** `@@ -12,3 +12,4 @@` */
  readonly header: string
  /** Each begins with `-` or `+`. Secrets are cut out, long lines are cut off. */
  readonly lines: readonly string[]
}

export interface ChangedLines {
  readonly hunks: readonly Hunk[]
  /** Changed lines that are not listed. */
  readonly omitted: number
  /** What else differs: encoding, line endings. */
  readonly form: readonly string[]
}

const MAX_LINE = 200

/** The lines that differ between two versions of a file, at most `limit` of them, for a person's eyes only. */
export function changedLines(
  before: Uint8Array,
  after: Uint8Array,
  { redactor, limit }: { readonly redactor: Redactor; readonly limit: number },
): ChangedLines {
  const old = textForm(before)
  const now = textForm(after)
  const form = formChanges(old, now)
  if (old.encoding === 'binary' || now.encoding === 'binary') return { hunks: [], omitted: 0, form }
  const shownOld = withoutSecrets(old.lines, redactor)
  const shownNow = withoutSecrets(now.lines, redactor)
  let room = limit
  let omitted = 0
  const hunks: Hunk[] = []
  for (const { oldStart, oldCount, newStart, newCount } of lineEdits(old.lines, now.lines)) {
    const lines = [
      ...shownOld.slice(oldStart, oldStart + oldCount).map((line) => `-${line}`),
      ...shownNow.slice(newStart, newStart + newCount).map((line) => `+${line}`),
    ]
    const shown = lines.slice(0, room).map(cutOff)
    room -= shown.length
    omitted += lines.length - shown.length
    if (shown.length > 0) hunks.push({ header: headerOf(oldStart, oldCount, newStart, newCount), lines: shown })
  }
  return { hunks, omitted, form }
}

/** As in diff: of an empty range the line before it is named. */
function headerOf(oldStart: number, oldCount: number, newStart: number, newCount: number): string {
  const range = (start: number, count: number) => `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`
  return `@@ -${range(oldStart, oldCount)} +${range(newStart, newCount)} @@`
}

/** The whole text is searched, for a key may span lines; each line keeps its place. */
function withoutSecrets(lines: readonly string[], redactor: Redactor): string[] {
  const text = lines.join('\n')
  let shown = ''
  let cursor = 0
  for (const { category, start, end } of redactor.detect(text)) {
    if (!SECRET_CATEGORIES.has(category) || start < cursor) continue
    shown += text.slice(cursor, start) + text.slice(start, end).replace(/[^\n]+/g, `[REDACTED:${category}]`)
    cursor = end
  }
  return (shown + text.slice(cursor)).split('\n')
}

function cutOff(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE).toWellFormed()}…` : line
}
