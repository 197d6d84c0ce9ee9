import { isRelativePath } from '@ctxlock/contracts/relative-path'

/** What the host knows about a file that an answer names. */
export interface QuotedFile {
  readonly status: 'read' | 'missing' | 'unreadable' | 'too_large' | 'outside_workspace' | 'not_a_file'
  /** The file's text, decoded from UTF-8, when it was read. */
  readonly text?: string
  /** True when the file was among what the model was shown, or what the task names. */
  readonly allowed: boolean
}

/** Reads a file as it is on disk now. Called at most once per path and check, never with a path that leaves the workspace. */
export type QuotedFileReader = (path: string) => QuotedFile

/** A file's text with line endings reduced to LF and nothing else changed; lines count from 1. */
export interface SourceText {
  readonly text: string
  /** Offset of each line. */
  readonly starts: readonly number[]
}

export type SourceLookup =
  | { readonly status: 'found'; readonly source: SourceText }
  | { readonly status: 'outside_sources' | 'missing_file' }

/** Looks files up once each. A path comes from a model: what is not a plain workspace path is never asked for. */
export function createSourceLookup(readFile: QuotedFileReader): (path: string) => SourceLookup {
  const known = new Map<string, SourceLookup>()
  return (path) => {
    const before = known.get(path)
    if (before) return before
    const lookup = isRelativePath(path) ? lookUp(readFile(path)) : ({ status: 'outside_sources' } as const)
    known.set(path, lookup)
    return lookup
  }
}

function lookUp(file: QuotedFile): SourceLookup {
  if (file.status === 'outside_workspace') return { status: 'outside_sources' }
  if (file.status !== 'read' || file.text === undefined) return { status: 'missing_file' }
  if (!file.allowed) return { status: 'outside_sources' }
  return { status: 'found', source: sourceText(file.text) }
}

function sourceText(raw: string): SourceText {
  const text = withPlainLineEndings(raw)
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return { text, starts }
}

/** CR and LF, however many CR, become LF; a CR inside a line is text. */
export function withPlainLineEndings(text: string): string {
  if (!text.includes('\r')) return text
  return text.split('\n').map(withoutTrailingReturns).join('\n')
}

function withoutTrailingReturns(line: string): string {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === 13) end -= 1
  return line.slice(0, end)
}

/** Lines `first` to `last` of a text without the final line ending, or undefined when it has no such lines. */
export function linesBetween({ text, starts }: SourceText, first: number, last: number): string | undefined {
  const start = starts[first - 1]
  if (start === undefined || last < first || last > starts.length) return undefined
  return text.slice(start, (starts[last] ?? text.length + 1) - 1)
}

/** The number of the line that holds an offset. */
export function lineAt({ starts }: SourceText, offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}
