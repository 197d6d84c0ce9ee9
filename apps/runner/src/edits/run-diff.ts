import { formatPatch, structuredPatch, type StructuredPatch } from 'diff'

/** One file of a patch, as text. */
export interface TextChange {
  readonly path: string
  /** Undefined for a new file. */
  readonly before: string | undefined
  readonly after: string
}

/** Beyond this the search for the shortest diff is given up and the file shown as replaced: the search is quadratic. */
const MAX_EDITS = 2000

/** A unified diff that `git apply` takes too; people review it and `ctxlock apply` shows it. */
export function runDiff(changes: readonly TextChange[]): string {
  return changes.map(diffOf).join('')
}

function diffOf({ path, before, after }: TextChange): string {
  const names = [before === undefined ? '/dev/null' : `a/${path}`, `b/${path}`] as const
  const options = { context: 3, maxEditLength: MAX_EDITS }
  const patch = structuredPatch(...names, before ?? '', after, undefined, undefined, options)
  const mode = before === undefined ? 'new file mode 100644\n' : ''
  const headers = { includeIndex: false, includeUnderline: false, includeFileHeaders: true }
  return `diff --git a/${path} b/${path}\n${mode}${formatPatch(patch ?? replacement(...names, before ?? '', after), headers)}`
}

function replacement(oldFileName: string, newFileName: string, before: string, after: string): StructuredPatch {
  const [removed, added] = [markedLines('-', before), markedLines('+', after)]
  const counts = { oldStart: 1, oldLines: lineCount(before), newStart: 1, newLines: lineCount(after) }
  return {
    oldFileName,
    newFileName,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [{ ...counts, lines: [...removed, ...added] }],
  }
}

function markedLines(mark: string, text: string): string[] {
  const lines =
    text === ''
      ? []
      : text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => mark + line)
  return text === '' || text.endsWith('\n') ? lines : [...lines, '\\ No newline at end of file']
}

function lineCount(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
}
