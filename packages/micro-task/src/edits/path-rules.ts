// What no edit may be called, whatever a task says. Paths come from an answer or from a task file; both may be hostile.

/** Two paths with one key are one file somewhere: on a volume that ignores case, or one that normalises names. */
export function sameFileKey(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** True when a path is, somewhere, a folder on the way to another. */
export function isFolderOf(path: string, other: string): boolean {
  return sameFileKey(other).startsWith(`${sameFileKey(path)}/`)
}

const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/** Why a name means something else on another system, or undefined. Windows drops final dots and blanks and has devices everywhere. */
export function unportableName(path: string): string | undefined {
  if (/[<>:"|?*]/.test(path)) return 'a character that Windows does not allow in a name'
  if (/[\p{Cf}\uFFFD]/u.test(path)) return 'a character that cannot be seen'
  for (const segment of path.split('/')) {
    if (/[. ]$/.test(segment)) return 'a name that ends with a dot or a blank'
    if (DEVICE.test(segment)) return 'the name of a Windows device'
    if (/~\d/.test(segment)) return 'a short name of Windows'
    if (segment.length > 255) return 'a name longer than 255 characters'
  }
  return undefined
}

/** Folders whose content is not a source, or gives orders to tools. */
const PROTECTED_FOLDERS: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.jj',
  '.sl',
  '.svn',
  '.ctxlock',
  'node_modules',
])
/** Governance artifacts, and what tells git what to run and where to look. */
const PROTECTED_NAMES: ReadonlySet<string> = new Set([
  '.gitmodules',
  '.gitattributes',
  'ctxlock.config.json',
  'ctxlock.lock',
  'ctxlock.waivers.json',
  'agents.md',
  'agents.override.md',
  'claude.md',
  'claude.local.md',
  'gemini.md',
  'skill.md',
  '.cursorrules',
  'copilot-instructions.md',
])
const PROTECTED_PREFIXES = ['.cursor/rules/', '.github/instructions/', '.claude/', '.agents/']

/** True for version control's and ctxlock's own data and for whatever binds calls: by name at any depth, or named in `protectedPaths` (MT-057). */
export function isProtectedPath(path: string, protectedPaths: ReadonlySet<string>): boolean {
  const key = sameFileKey(path)
  const segments = key.split('/')
  return (
    segments.some((segment) => PROTECTED_FOLDERS.has(segment)) ||
    PROTECTED_NAMES.has(segments.at(-1) ?? '') ||
    PROTECTED_PREFIXES.some((prefix) => key.startsWith(prefix) || key.includes(`/${prefix}`)) ||
    [...protectedPaths].some((other) => sameFileKey(other) === key)
  )
}
