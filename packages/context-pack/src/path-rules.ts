import { isRelativePath } from '@ctxlock/contracts/relative-path'
import { pathOfSourceId } from '@ctxlock/contracts/references'

import { PackError } from './pack-error.ts'
import { isGovernanceText } from './sources/governance-text.ts'

/**
 * Refuses a governance reference that would have to be read from the repository at run time (CP-007). Files under `docs/`
 * are evidence and work material like any other; as governance they have to be inside the pack.
 */
export function assertNoRuntimeRead(field: string, reference: string): void {
  const path = pathOfSourceId(reference) ?? reference
  if (!isGovernanceText(path) && path !== 'docs' && !path.startsWith('docs/')) return
  throw new PackError(
    'PACK_RUNTIME_READ_REF',
    `${field} refers to governance text under .GOV/ or docs/. Keep governed files elsewhere, for example AGENTS.md.`,
  )
}

/** CP-036. The message does not repeat the path: it may name a person or a machine. */
export function assertWorkspacePath(field: string, path: string): void {
  if (isRelativePath(path)) return
  throw new PackError(
    'PACK_ABSOLUTE_PATH',
    `${field} must be a workspace-relative path in NFC with forward slashes, such as src/main.ts; got ${formOf(path)}.`,
  )
}

/** A path, a folder with or without a trailing slash, or a pattern with `*` (inside a name), `**` (any depth) and `?`. */
export function assertScopePattern(field: string, pattern: string): void {
  assertWorkspacePath(field, pattern.endsWith('/') ? pattern.slice(0, -1) : pattern)
}

function formOf(path: string): string {
  if (path === '') return 'an empty path'
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(path) || /^file:/i.test(path)) return 'a URL'
  if (/^[A-Za-z]:/.test(path)) return 'a drive letter'
  if (path.includes('\\')) return 'backslashes'
  if (path.startsWith('/') || path.startsWith('~')) return 'a rooted path'
  if (path.split('/').some((segment) => segment === '..' || segment === '.')) return 'a . or .. segment'
  return path === path.normalize('NFC') ? 'an empty segment or a control character' : 'a path that is not NFC'
}

/** Whether `path` is a key of the lock set or stands below one. */
export function isLocked(path: string, lockKeys: readonly string[]): boolean {
  return lockKeys.some((key) => path === key || path.startsWith(`${key}/`))
}
