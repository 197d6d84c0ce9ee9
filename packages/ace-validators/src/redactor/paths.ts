import { matchAt, type Rule } from './rule.ts'

// An absolute path names this machine or this person (CP-036). A rooted path counts when its first segment is a
// well-known root: `/api/users` is a route, `/home/ilja/x` is not.

const ROOTS = [
  'home',
  'Users',
  'root',
  'var',
  'tmp',
  'etc',
  'usr',
  'opt',
  'mnt',
  'srv',
  'private',
  'workspace',
  'workspaces',
]
const MORE_ROOTS = [
  'Volumes',
  'Library',
  'Applications',
  'media',
  'run',
  'nix/store',
  'data/local',
  'data/data',
  'snap',
  'builds',
  'cygdrive',
]
/** The same on every machine, so they tell nothing: interpreters of `#!` lines. */
const COMMON = /^\/(?:usr\/)?bin\/(?:env|sh|bash|zsh|node|python3?|perl)(?![\w/.-])/

const SEGMENT = String.raw`[^\s"'\`<>|()\[\]{},;:*?!\\/]`
/** Segments; a space inside one only when another `/` follows the next word, as in `my project/package.json`. */
const REST = String.raw`(?:${SEGMENT}|/(?!/)|\x20(?=${SEGMENT}{1,64}/))`
const POSIX = new RegExp(`${REST}{1,1024}`, 'y')
const POSIX_ROOT = new RegExp(`${REST}{0,1024}`, 'y')
/** What stands before a path; a letter, digit, dot or slash there makes it part of something else. */
const PATH_MAY_START = /(?:^|[\s"'`(<>=:,;|[{@]|:\/\/\/|file:\/\/|\/\/file)$/

const rooted: Rule = {
  triggers: [...ROOTS, ...MORE_ROOTS].map((root) => `/${root.toLowerCase()}/`),
  find(text, start, end) {
    const root = text.slice(start + 1, end - 1)
    if (![...ROOTS, ...MORE_ROOTS].includes(root) || !mayStart(text, start)) return undefined
    if (COMMON.test(text.slice(start, start + 24))) return undefined
    const match = matchAt(POSIX, text, end)
    return match && { ...PATH, start, end: trimmed(text, start, end + match[0].length) }
  },
}

/** Git for Windows and Cygwin: `/c/Users/…`. */
const driveMount: Rule = {
  triggers: ['/users/', '/windows/', '/program files', '/home/'],
  find(text, start, end) {
    const at = start - 2
    if (!/^\/[A-Za-z]$/.test(text.slice(Math.max(0, at), start)) || !mayStart(text, at)) return undefined
    const match = matchAt(POSIX_ROOT, text, end)
    return { ...PATH, start: at, end: trimmed(text, at, end + (match?.[0].length ?? 0)) }
  },
}

const fileUrl: Rule = {
  triggers: ['file:/'],
  find(text, start, end) {
    const match = matchAt(/\/{0,3}[^\s"'`<>|()[\]{},;*?!\\/][^\s"'`<>|()[\]{},;*?!\\]{0,1024}/y, text, end)
    return match && { ...PATH, start, end: withoutPosition(text, start, trimmed(text, start, end + match[0].length)) }
  },
}

const WINDOWS_SEGMENT = String.raw`[^\s"'\`<>|()\[\]{},;:*?!\\/]`
const WINDOWS_REST = new RegExp(
  String.raw`(?:${WINDOWS_SEGMENT}|[\\/]{1,2}|\x20(?=${WINDOWS_SEGMENT}{1,64}(?:\x20${WINDOWS_SEGMENT}{1,64})?[\\/])){0,1024}`,
  'y',
)

/** `C:\…` and `C:/…`; a lone drive only when a quote closes it. */
const drive: Rule = {
  triggers: [':\\', ':/'],
  find(text, start, end) {
    const at = start - 1
    if (text.startsWith('//', start + 1)) return undefined
    if (!/^[A-Za-z]$/.test(text.charAt(at)) || !mayStartDrive(text, at)) return undefined
    const after = text.slice(end, end + 4)
    const lone = /^\\?["'`]/.test(after)
    if (!(lone || /^\\?[\w.$~-]{2}/.test(after))) return undefined
    const match = lone ? undefined : matchAt(WINDOWS_REST, text, end)
    return { ...PATH, start: at, end: trimmed(text, at, end + (match?.[0].length ?? 0)) }
  },
}

// Raw text has two backslashes and then single ones; an escaped string four and then two. Two and two is a regular
// expression such as `\\bword\\b`.
const UNC = /\\\\(?:[\w.$-]{2,64}|[.?])\\(?!\\)[\w$.:-]{2,256}/y
const UNC_ESCAPED = /\\{4}(?:[\w.$-]{2,64}|[.?])\\\\(?!\\)[\w$.:-]{2,256}/y

const share: Rule = {
  triggers: ['\\\\'],
  find(text, start) {
    if (text.charAt(start - 1) === '\\' || (start > 0 && !/[\s"'`(<=:,;|[{]/.test(text.charAt(start - 1))))
      return undefined
    const match = matchAt(UNC_ESCAPED, text, start) ?? matchAt(UNC, text, start)
    if (match === undefined) return undefined
    const from = start + match[0].length
    return { ...PATH, start, end: trimmed(text, start, from + (matchAt(WINDOWS_REST, text, from)?.[0].length ?? 0)) }
  },
}

/** `~/x`, `~name/x`, `$HOME/x`, `%USERPROFILE%\x`. `~/` after an import is a bundler's alias for the project. */
const homeRelative: Rule = {
  triggers: ['~', '$home', '${home}', '%userprofile%', '%appdata%', '%homepath%', '%localappdata%'],
  find(text, start, end) {
    if (!mayStart(text, start)) return undefined
    const rest = matchAt(/(?:[a-z][a-z0-9_-]{0,31})?[\\/](?=[\w.~$%-])/y, text, end)
    if (
      rest === undefined ||
      /(?:from|import|require|export)\s{0,2}\(?["'`]$/.test(text.slice(Math.max(0, start - 12), start))
    ) {
      return undefined
    }
    const from = end + rest[0].length
    return { ...PATH, start, end: trimmed(text, start, from + (matchAt(WINDOWS_REST, text, from)?.[0].length ?? 0)) }
  },
}

const encoded: Rule = {
  triggers: ['%2fhome%2f', '%2fusers%2f', '%2fvar%2f', '%2ftmp%2f', '%2froot%2f', '%3a%5c', '%3a%2f'],
  find(text, start, end) {
    const colon = text.startsWith('%3', start)
    const at = colon ? start - 1 : start
    if (colon && (!/^[A-Za-z]$/.test(text.charAt(at)) || /[A-Za-z0-9]/.test(text.charAt(at - 1)))) return undefined
    if (colon && text.slice(end, end + 3).toLowerCase() === '%2f') return undefined
    const match = matchAt(/[\w.~%-]{1,1024}/y, text, end)
    return match && { ...PATH, start: at, end: end + match[0].length }
  },
}

export const pathRules: readonly Rule[] = [rooted, driveMount, fileUrl, drive, share, homeRelative, encoded]

const PATH = { category: 'path', detector_id: 'path_absolute' } as const

function mayStart(text: string, index: number): boolean {
  return PATH_MAY_START.test(text.slice(Math.max(0, index - 8), index))
}

function mayStartDrive(text: string, index: number): boolean {
  return index === 0 || /[\s"'`(<>=,;|[{\\?/@]/.test(text.charAt(index - 1))
}

/** Without the full stop or the dash that ends a sentence, not a path. */
function trimmed(text: string, start: number, end: number): number {
  let stop = end
  while (stop > start + 1 && /[.\s-]/.test(text.charAt(stop - 1))) stop -= 1
  return stop
}

/** Without `:line:column` at its end. */
function withoutPosition(text: string, start: number, end: number): number {
  const position = /(?::\d{1,7}){1,2}$/.exec(text.slice(start, end))
  return position ? start + position.index : end
}
