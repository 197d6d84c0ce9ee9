import { PATH, pathFrom } from './path-end.ts'
import { before, COLOUR, ESCAPE, matchAt, startsToken, type Rule } from './rule.ts'

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
  'System',
  'sys/class',
  'sbin',
  'boot',
  'export/home',
  'github/workspace',
  'storage/emulated',
  'sdcard',
  'vagrant',
  'dev/shm',
]
/** The same on every machine, so they tell nothing: interpreters of `#!` lines. */
const COMMON = /^\/(?:usr\/)?bin\/(?:env|sh|bash|zsh|node|python3?|perl)(?![\w/.-])/

const SEGMENT = String.raw`[^\s"'\`<>|()\[\]{},;:*?!\\/]`
/** `O'Brien/`. */
const APOSTROPHE = String.raw`'(?=[A-Za-z]{2,32}[\\/])`
/** Segments; a space inside one only when another `/` follows within two words, as in `my project/package.json`; brackets round the number of a copy. */
const REST = String.raw`(?:${SEGMENT}|${APOSTROPHE}|/(?!/)|\(\d{1,3}\)(?=/)|\x20(?=${SEGMENT}{1,64}(?:\x20(?:${SEGMENT}{1,64}|\(\d{1,3}\)))?/|\(\d{1,3}\)/))`
const POSIX = new RegExp(`${REST}{1,1024}`, 'y')
const POSIX_ROOT = new RegExp(`${REST}{0,1024}`, 'y')
const MOUNTED_FILE = /(?:[\w.@ -]{1,64}\/){1,16}[\w@-]{1,64}(?:\.\w{1,8}){1,3}(?![\w/])/y
const DRIVE_MAY_START = new RegExp(String.raw`(?:^|[\s"'\`(<>=,;|[{/@]|[?.]\\{1,2}|file:|${ESCAPE})$`)
/** What stands before a path; a letter, digit, dot or slash there makes it part of something else. */
const PATH_MAY_START = new RegExp(String.raw`(?:^|[\s"'\`(<>=:,;|[{@]|:///?|//file|${ESCAPE}|(?:^|[\s"'])-[IL])$`)

/** Addresses of a site look like paths: in links, styles and requests. */
const IN_SITE = /(?:href=["']?|url\(["']?|\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )$/
const SITE_FOLDER =
  /^\/(?:run\/[\w-]*$|media\/(?:[^/]*$|(?:css|js|img|images|icons|fonts|static|uploads|videos?|audio)\/))/

const rooted: Rule = {
  triggers: [...ROOTS, ...MORE_ROOTS].map((root) => `/${root.toLowerCase()}/`),
  find(text, start, end) {
    const root = text.slice(start + 1, end - 1)
    if (![...ROOTS, ...MORE_ROOTS].includes(root) || !mayStart(text, start)) return undefined
    if (COMMON.test(text.slice(start, start + 24))) return undefined
    const match = matchAt(POSIX, text, end)
    if (match === undefined || IN_SITE.test(before(text, start)) || SITE_FOLDER.test(`/${root}/${match[0]}`))
      return undefined
    return pathFrom(text, start, end + match[0].length)
  },
}

/** Git for Windows and Cygwin: `/c/Users/…`. */
const driveMount: Rule = {
  triggers: ['/users/', '/windows/', '/program files', '/home/'],
  find(text, start, end) {
    const at = start - 2
    if (!/^\/[A-Za-z]$/.test(text.slice(Math.max(0, at), start)) || !mayStart(text, at)) return undefined
    const match = matchAt(POSIX_ROOT, text, end)
    return pathFrom(text, at, end + (match?.[0].length ?? 0))
  },
}

/** The same for any directory, when a file in it is named: `/d/work/x.ts`. */
const mountedFile: Rule = {
  triggers: Array.from('cdefghz', (drive) => `/${drive}/`),
  find(text, start, end) {
    if (!mayStart(text, start)) return undefined
    const match = matchAt(MOUNTED_FILE, text, end)
    return match && pathFrom(text, start, end + match[0].length)
  },
}

const FILE_ADDRESS = new RegExp(
  String.raw`/{0,3}[^\s"'\`<>|()[\]{},;*?!\\/](?:[^\s"'\`<>|()[\]{},;*?!\\]|${APOSTROPHE}){0,1024}`,
  'y',
)

const fileUrl: Rule = {
  triggers: ['file:/'],
  find(text, start, end) {
    if (!startsToken(text, start)) return undefined
    const match = matchAt(FILE_ADDRESS, text, end)
    if (match === undefined) return undefined
    const path = pathFrom(text, start, end + match[0].length)
    return { ...path, end: withoutPosition(text, start, path.end) }
  },
}

const WINDOWS_REST = new RegExp(
  String.raw`(?:${SEGMENT}|${APOSTROPHE}|[\\/]{1,2}|\x20Files\x20\(x86\)|\(\d{1,3}\)(?=[\\/])|\x20-(?=\x20${SEGMENT}{1,64}(?:\x20${SEGMENT}{1,64})?\\)|\x20(?=${SEGMENT}{1,64}(?:\x20(?:${SEGMENT}{1,64}|\(\d{1,3}\)))?[\\/]|\(\d{1,3}\)[\\/])){0,1024}`,
  'y',
)

/** What stands after a drive: a name, which after a backslash may be a single letter or begin with a sign. `A:\nB` is an escaped line end. */
const DRIVE_NAME = new RegExp(
  [
    String.raw`:\\{0,2}(?![nrt](?![a-z.]))(?:[\w.$~\-]{2}|(?<=\\)\w(?:\\|$|["'\x60\s\)>\]]))`,
    String.raw`:\\{1,2}[@#\(\[]\w{2,64}[\)\]]?\\`,
    String.raw`:/[\w.$~\-]{2}|(?<=[A-Z]):/\w/[\w.]{2}`,
    String.raw`:(?:\\{1,2}|/)(?![\x20-\x7e])[\p{L}\p{N}]`,
  ].join('|'),
  'uy',
)

/** `C:\…` and `C:/…`; a lone drive only when a quote closes it or nothing follows. */
const drive: Rule = {
  triggers: [':\\', ':/'],
  find(text, start, end) {
    const at = start - 1
    if (text.startsWith('//', start + 1)) return undefined
    if (!/^[A-Za-z]$/.test(text.charAt(at)) || !mayStartDrive(text, at)) return undefined
    const after = text.slice(end, end + 4)
    const lone = /^\\?["'`]/.test(after) || /^[C-Z]:\\(?:$|[\s)>\]:\p{Cc}])/u.test(text.slice(at, end + 1))
    if (!lone && matchAt(DRIVE_NAME, text, start) === undefined) return undefined
    const match = lone ? undefined : matchAt(WINDOWS_REST, text, end)
    return pathFrom(text, at, end + (match?.[0].length ?? 0))
  },
}

// Raw text has two backslashes and then single ones; an escaped string four and then two. Two and two is a regular
// expression such as `\\bword\\b`.
const UNC = unc(String.raw`\\`)
const UNC_ESCAPED = unc(String.raw`\\\\`)

/** A share of one letter is a drive of the computer a terminal session came from. */
function unc(backslash: string): RegExp {
  return new RegExp(
    String.raw`(?:${backslash}){2}(?:[\p{L}\p{N}_.$@\-]{2,64}|[.?])${backslash}(?!\\)(?:[\p{L}\p{N}_$.:\-]{2,256}(?:\{[0-9a-f\-]{36}\})?|[A-Z]${backslash}(?=\w))`,
    'uy',
  )
}

const SHARE_MAY_START = new RegExp(String.raw`(?:^|[\s"'\`(<=:,;|[{]|${COLOUR})$`)

const share: Rule = {
  triggers: ['\\\\'],
  find(text, start) {
    if (text.charAt(start - 1) === '\\' || !SHARE_MAY_START.test(before(text, start))) return undefined
    const match = matchAt(UNC_ESCAPED, text, start) ?? matchAt(UNC, text, start)
    if (match === undefined) return undefined
    const from = start + match[0].length
    const path = pathFrom(text, start, from + (matchAt(WINDOWS_REST, text, from)?.[0].length ?? 0))
    return { ...path, end: withoutPosition(text, start, path.end) }
  },
}

/** Variables that hold a directory of this machine or person. */
const DIRECTORY_VARIABLES = ['HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA']
const XDG = ['CONFIG', 'CACHE', 'DATA', 'STATE'].map((kind) => `XDG_${kind}_HOME`)
const MARKED_VARIABLES = [...DIRECTORY_VARIABLES, ...XDG].flatMap((name) => [`$${name}`, `\${${name}}`, `$env:${name}`])
const WINDOWS_VARIABLES = [
  ...DIRECTORY_VARIABLES,
  'HOMEPATH',
  'HOMEDRIVE%%HOMEPATH',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'SYSTEMROOT',
  'WINDIR',
  'PUBLIC',
]

/** `~/x`, `~name/x`, `$HOME/x`, `%USERPROFILE%\x`. `~/` after an import is a bundler's alias for the project. */
const homeRelative: Rule = {
  triggers: ['~', ...MARKED_VARIABLES, ...WINDOWS_VARIABLES.map((name) => `%${name}%`)].map((name) =>
    name.toLowerCase(),
  ),
  find(text, start, end) {
    if (!mayStart(text, start) && text.charAt(start - 1) !== '%') return undefined
    const rest = matchAt(/(?:[a-z][a-z0-9_-]{1,31})?(?:\/|\\{1,2})(?=[\w.~$%-])/y, text, end)
    if (
      rest === undefined ||
      /(?:from|import|require|export|use)\s{0,2}\(?["'`]$/.test(text.slice(Math.max(0, start - 12), start))
    ) {
      return undefined
    }
    const from = end + rest[0].length
    return pathFrom(text, start, from + (matchAt(WINDOWS_REST, text, from)?.[0].length ?? 0))
  },
}

const encoded: Rule = {
  triggers: [...ROOTS.map((root) => `%2f${root.toLowerCase()}%2f`), '%3a%5c', '%3a%2f'],
  find(text, start, end) {
    const colon = text.startsWith('%3', start)
    const at = colon ? start - 1 : start
    if (colon && (!/^[A-Za-z]$/.test(text.charAt(at)) || /[A-Za-z0-9]/.test(text.charAt(at - 1)))) return undefined
    if (colon && text.slice(end, end + 3).toLowerCase() === '%2f') return undefined
    const match = matchAt(/[\w.~%-]{1,1024}/y, text, end)
    return match && { ...PATH, start: at, end: end + match[0].length }
  },
}

export const pathRules: readonly Rule[] = [
  rooted,
  driveMount,
  mountedFile,
  fileUrl,
  drive,
  share,
  homeRelative,
  encoded,
]

function mayStart(text: string, index: number): boolean {
  return PATH_MAY_START.test(before(text, index))
}

function mayStartDrive(text: string, index: number): boolean {
  return DRIVE_MAY_START.test(before(text, index))
}

/** Without `:line:column` at its end. */
function withoutPosition(text: string, start: number, end: number): number {
  const position = /(?::\d{1,7}){1,2}$/.exec(text.slice(start, end))
  return position ? start + position.index : end
}
