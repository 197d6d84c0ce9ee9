import { DIFF_TAG, EDIT_LIMITS } from './edit-format.ts'
import { refuse, type EditRefused } from './edit-refusal.ts'

export interface Hunk {
  /** Where the diff says it belongs; from 1, or 0 when it takes no line away and nothing comes before. */
  readonly oldStart: number
  /** Each with its mark: blank, `-`, `+`, or `\` for a missing final line ending. */
  readonly lines: readonly string[]
}

export interface FileDiff {
  /** The file it is about, without and with the prefix `b/`. */
  readonly names: readonly [string, string]
  readonly creates: boolean
  readonly hunks: readonly Hunk[]
}

const HUNK = /^@@ -(\d{1,7})(?:,(\d{1,7}))? \+(\d{1,7})(?:,(\d{1,7}))? @@/
const NO_FILE = '/dev/null'

/** Reads a unified diff strictly: whatever is neither a header nor a line of a hunk refuses it. Counts may be wrong, marks may not. */
export function parseDiff(block: readonly string[]): FileDiff[] {
  const lines = withoutFence(block)
  const files: FileDiff[] = []
  let at = 0
  while (at < lines.length) {
    at = skipHeaders(lines, at)
    if (at >= lines.length) break
    const { file, end } = parseFile(lines, at)
    files.push(file)
    at = end
  }
  if (files.length === 0) throw malformed('no file', undefined)
  if (files.reduce((sum, { hunks }) => sum + hunks.length, 0) > EDIT_LIMITS.hunks) throw tooManyHunks()
  return files
}

function withoutFence(lines: readonly string[]): readonly string[] {
  const isFenced = /^```(?:diff|patch)?\s*$/.test(lines[0] ?? '') && /^```\s*$/.test(lines.at(-1) ?? '')
  return isFenced ? lines.slice(1, -1) : lines
}

/** What git writes above `---`. Names in it count for nothing; what asks for more than a change of text is refused. */
function skipHeaders(lines: readonly string[], start: number): number {
  let at = start
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line.startsWith('--- ')) return at
    refuseForbidden(line)
    if (
      line.trim() !== '' &&
      !/^(?:diff --git |index [0-9a-f]{4,64}\.\.[0-9a-f]{4,64}(?: 100644)?$|new file mode 100644$)/.test(line)
    )
      throw malformed(`line ${at + 1} is none of a unified diff`, undefined)
  }
  // A header alone asks for a change that has no text.
  if (lines.slice(start).some((line) => line.trim() !== '')) throw malformed('a header without a change', undefined)
  return at
}

function refuseForbidden(line: string): void {
  if (line.startsWith('deleted file mode ')) throw deletes(undefined)
  if (/^(?:rename|copy) (?:from|to) |^(?:dis)?similarity index /.test(line)) throw renames(undefined)
  if (/^(?:old mode|new mode|new file mode(?! 100644$)|index \S+ (?!100644$))/.test(line))
    throw refuse('EDIT_CHANGES_MODE', undefined, {
      expected: 'files that keep their mode; new ones are plain files',
      came: 'a diff that makes a file executable, a link or a submodule',
      next: 'Leave modes out of the diff.',
    })
  if (/^(?:Binary files |GIT binary patch)/.test(line))
    throw refuse('EDIT_BINARY', undefined, {
      expected: 'a change of text',
      came: 'a binary patch',
      next: 'Edit text files only.',
    })
}

function parseFile(lines: readonly string[], start: number): { readonly file: FileDiff; readonly end: number } {
  const before = nameIn(lines[start] ?? '', '--- ')
  const after = nameIn(lines[start + 1] ?? '', '+++ ')
  if (before === undefined || after === undefined)
    throw malformed('a file whose two header lines do not follow each other', undefined)
  if (after === NO_FILE) throw deletes(before)
  const names = [withoutPrefix(after, 'b/'), after] as const
  if (before !== NO_FILE && before !== after && withoutPrefix(before, 'a/') !== names[0]) throw renames(before)

  const hunks: Hunk[] = []
  let at = start + 2
  for (;;) {
    while (at < lines.length && (lines[at] ?? '').trim() === '') at += 1
    const header = HUNK.exec(lines[at] ?? '')
    if (!header) break
    const [, oldStart, oldCount = '1', , newCount = '1'] = header
    const end = endOfHunk(lines, at + 1, Number(oldCount), Number(newCount))
    hunks.push({ oldStart: Number(oldStart), lines: hunkLines(lines.slice(at + 1, end), names[0]) })
    at = end
  }
  const next = lines[at]
  if (next !== undefined) refuseForbidden(next)
  if (hunks.length === 0) throw malformed('a file without a hunk', names[0])
  if (next !== undefined && !startsFile(lines, at)) throw malformed(`line ${at + 1} belongs to no hunk`, names[0])
  return { file: { names, creates: before === NO_FILE, hunks }, end: at }
}

/** The name in a header line. A tab begins the time that `diff` writes behind it. */
function nameIn(line: string, mark: string): string | undefined {
  if (!line.startsWith(mark)) return undefined
  const [name = ''] = line.slice(mark.length).split('\t')
  return name.trim() === '' ? undefined : name.trimEnd()
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name
}

/** Where a hunk ends: where its counts say, if something can begin there, else before the next header. Models miscount. */
function endOfHunk(lines: readonly string[], start: number, oldCount: number, newCount: number): number {
  let at = start
  let [old, added] = [oldCount, newCount]
  for (; at < lines.length && (old > 0 || added > 0); at += 1) {
    const mark = lines[at]?.[0] ?? ' '
    if (mark !== '+' && mark !== '\\') old -= 1
    if (mark !== '-' && mark !== '\\') added -= 1
  }
  while (lines[at]?.startsWith('\\') === true) at += 1
  if (old === 0 && added === 0 && isBoundary(lines, at)) return at
  at = start
  while (at < lines.length && !HUNK.test(lines[at] ?? '') && !startsFile(lines, at)) at += 1
  while (at > start && (lines[at - 1] ?? '').trim() === '') at -= 1
  return at
}

function isBoundary(lines: readonly string[], from: number): boolean {
  let at = from
  while (at < lines.length && (lines[at] ?? '').trim() === '') at += 1
  return at >= lines.length || HUNK.test(lines[at] ?? '') || startsFile(lines, at)
}

function startsFile(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  return line.startsWith('diff --git ') || (line.startsWith('--- ') && (lines[at + 1] ?? '').startsWith('+++ '))
}

function hunkLines(lines: readonly string[], name: string): readonly string[] {
  return lines.map((line) => {
    if (/^[ +\-\\]/.test(line)) return line
    // Whoever strips blanks at line ends strips the mark of an empty line too.
    if (line === '') return ' '
    refuseForbidden(line)
    throw malformed('a line of a hunk that begins with none of blank, -, + and \\', name)
  })
}

function malformed(came: string, name: string | undefined): EditRefused {
  return refuse('DIFF_MALFORMED', name, {
    expected: `a unified diff between <${DIFF_TAG}> and </${DIFF_TAG}>: --- and +++ lines, then @@ -line,count +line,count @@ and its lines`,
    came,
    next: 'Write the diff again, or the whole file.',
  })
}

function tooManyHunks(): EditRefused {
  return refuse('EDIT_TOO_LARGE', undefined, {
    expected: `at most ${EDIT_LIMITS.hunks} hunks`,
    came: 'more',
    next: 'Write the file as a whole.',
  })
}

function deletes(name: string | undefined): EditRefused {
  return refuse('EDIT_DELETES', name, {
    expected: 'changes to files that stay',
    came: 'a deletion',
    next: 'A person deletes files.',
  })
}

function renames(name: string | undefined): EditRefused {
  return refuse('EDIT_RENAMES', name, {
    expected: 'one name for a file before and after',
    came: 'a rename or a copy',
    next: 'Create the new file, if the task lists it, and leave the old one.',
  })
}
