import { hashesEqual } from '@ctxlock/core-hash'
import {
  ExcludedSource,
  LockedGuard,
  LockedPackedSource,
  LockedRead,
  LockedRole,
  LockedRule,
  LockedTask,
  LockedUnpackedSource,
  LOCKFILE_VERSION,
  Lockfile,
} from '@ctxlock/contracts/lockfile'
import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { PackError } from '../pack-error.ts'
import { parseLockfileValue } from './plain-source.ts'
import { formatLockfile, LOCK_SECTIONS, lockHashOf, readableKey, sortKeyOf, type LockSection } from './lockfile-text.ts'

const MAX_LENGTH = 128 * 1024 * 1024
const REBUILD = 'Run `ctxlock lock` and commit the file it writes.'
/** To lock what such a checkout holds would break the check everywhere else: its sources have other bytes too. */
const KEEP_LF = 'Put `* text=auto eol=lf` into .gitattributes, for the sources as well, and check out again.'

/**
 * Reads a lockfile strictly: exactly the text `formatLockfile` writes, or one error that names the line and what is wrong
 * with it. The file is committed and merged by people and tools, so every damage they do has to show.
 *
 * Throws `LOCK_INVALID` for anything that is not a lockfile, and `LOCK_HASH_MISMATCH` for one whose lines are all in order
 * but are not the ones that were hashed: a merge or an edit by hand.
 */
export function parseLockfile(text: string): Lockfile {
  if (text.length > MAX_LENGTH)
    throw invalid(1, `the file has ${text.length} characters; at most ${MAX_LENGTH} are read`)
  const lockfile = wholeWhenValid(text) ?? examined(text)
  const { lock_hash: lockHash, ...content } = lockfile
  if (hashesEqual(lockHashOf(content), lockHash)) return lockfile
  const lines = text.split('\n')
  throw new PackError(
    'LOCK_HASH_MISMATCH',
    `ctxlock.lock line ${lines.length - 2}: lock_hash does not match the lines above; the file was merged or edited by hand. ${REBUILD}`,
  )
}

/** The usual case in one pass: what is read writes the very same text again. Anything else is examined line by line. */
function wholeWhenValid(text: string): Lockfile | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = parseLockfileValue(value)
  if (!parsed.success || formatLockfile(parsed.data) !== text || !isInOrder(parsed.data)) return undefined
  return parsed.data
}

function isInOrder(lockfile: Lockfile): boolean {
  return LOCK_SECTIONS.every((section) => {
    let previous: string | undefined
    return (lockfile[section.name] ?? []).every((entry) => {
      const key = sortKeyOf(section, entry)
      const isNext = previous === undefined || previous < key
      previous = key
      return isNext && (!('path' in entry) || entry.path === entry.path.normalize('NFC'))
    })
  })
}

/** Finds the line that is wrong. A lockfile that gets through all the same is one. */
function examined(text: string): Lockfile {
  const lines = text.split('\n')
  assertUndamaged(lines)
  checkEntries(lines)
  const lockfile = wholeFile(text)
  assertWrittenAsFormatted(lines, lockfile)
  return lockfile
}

function assertUndamaged(lines: readonly string[]): void {
  for (const [index, line] of lines.entries()) {
    if (/^(?:<{7}|={7}|>{7}|\|{7})(?:$| )/.test(line)) throw invalid(index + 1, 'a merge conflict is not resolved')
    if (line.endsWith('\r')) {
      throw invalid(index + 1, 'line endings are CRLF instead of LF, as a checkout on Windows makes them', KEEP_LF)
    }
    if (line.startsWith('\uFEFF')) throw invalid(index + 1, 'the file starts with a byte-order mark')
  }
  if (lines[1] !== `  "schema_version": "${LOCKFILE_VERSION}",`) throw invalid(2, wrongVersion(lines[1] ?? ''))
}

function wrongVersion(line: string): string {
  const [, number] = /"ctxlock\.lock@(\d{1,9})"/.exec(line) ?? []
  if (number === undefined) return `expected the schema_version ${LOCKFILE_VERSION}`
  return Number(number) > Number(LOCKFILE_VERSION.split('@')[1])
    ? `a newer ctxlock wrote it (ctxlock.lock@${number}); this one reads ${LOCKFILE_VERSION}. Update ctxlock, or build the lockfile with this version`
    : `an earlier ctxlock wrote it (ctxlock.lock@${number}); this one reads ${LOCKFILE_VERSION}`
}

/** Every entry stands on a line of its own, so its errors can be told by line before the file is read as a whole. */
function checkEntries(lines: readonly string[]): void {
  let section: LockSection | undefined
  let previous: string | undefined
  for (const [index, line] of lines.entries()) {
    const opened = LOCK_SECTIONS.find(({ name }) => line === `  "${name}": [`)
    if (opened) {
      section = opened
      previous = undefined
    } else if (line === '  ],') section = undefined
    else if (section) {
      const key = checkEntry(section, line, index + 1)
      if (key === previous) throw invalid(index + 1, `${section.name} lists ${readableKey(key)} twice`)
      if (previous !== undefined && key < previous) {
        throw invalid(index + 1, `${section.name} is not sorted: ${readableKey(key)} stands too late`)
      }
      previous = key
    }
  }
}

function checkEntry(section: LockSection, line: string, number: number): string {
  const entry = jsonOf(line.replace(/,$/, ''), number)
  if (typeof entry !== 'object' || entry === null) throw invalid(number, 'expected one JSON object')
  const parsed = schemaOf(section, entry).safeParse(entry)
  if (!parsed.success)
    throw invalid(number, `an entry of ${section.name} is not valid: ${fieldAtFault(section, entry, parsed.error)}`)
  if ('path' in parsed.data && !isRelativePath(parsed.data.path)) {
    throw invalid(number, `an entry of ${section.name} is not valid: its path is not in NFC`)
  }
  return sortKeyOf(section, parsed.data)
}

function schemaOf({ name }: LockSection, entry: object) {
  switch (name) {
    case 'sources':
      return 'not_packed' in entry ? LockedUnpackedSource : LockedPackedSource
    case 'excluded':
      return ExcludedSource
    case 'roles':
      return LockedRole
    case 'rules':
      return LockedRule
    case 'tasks':
      return LockedTask
    case 'reads':
      return LockedRead
    case 'guards':
      return LockedGuard
  }
}

function fieldAtFault(
  { keys }: LockSection,
  entry: object,
  { issues }: { readonly issues: readonly SchemaIssue[] },
): string {
  const allowed: readonly string[] = keys
  const unknown = Object.keys(entry).find((key) => !allowed.includes(key))
  if (unknown !== undefined) return `unknown field ${JSON.stringify(unknown.slice(0, 64))}`
  return `check its field ${issues[0]?.path.map(String).join('.') ?? ''}`
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[]
}

function wholeFile(text: string): Lockfile {
  const parsed = Lockfile.safeParse(jsonOf(text, undefined))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.map(String).join('.') ?? ''
  throw invalid(undefined, `its field ${field || '(root)'} is not valid`)
}

function assertWrittenAsFormatted(lines: readonly string[], lockfile: Lockfile): void {
  const expected = formatLockfile(lockfile).split('\n')
  const different = expected.findIndex((line, index) => line !== lines[index])
  if (different !== -1) throw invalid(different + 1, 'the line is not written as ctxlock writes it')
  if (expected.length !== lines.length) throw invalid(expected.length, 'text follows the end of the file')
}

function jsonOf(text: string, number: number | undefined): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No cause: the parser's message quotes the file.
    throw invalid(number, number === undefined ? 'it is not JSON' : 'expected one JSON object')
  }
}

function invalid(number: number | undefined, problem: string, next = REBUILD): PackError {
  return new PackError(
    'LOCK_INVALID',
    `ctxlock.lock${number === undefined ? '' : ` line ${number}`}: ${problem}. ${next}`,
  )
}
