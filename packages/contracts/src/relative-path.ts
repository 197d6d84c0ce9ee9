// Without a schema and its library: paths are asked about by the thousand, and where a command has to start quickly.

/** What `RelativePath` says in its pattern (CP-036). */
export const RELATIVE_PATH =
  /^(?![/~\\])(?![A-Za-z]:)(?![A-Za-z][A-Za-z0-9+.-]*:\/\/)(?!\.{1,2}(?:\/|$))(?!.*\/\.{1,2}(?:\/|$))(?!.*\/\/)[^\\\p{Cc}\p{Zl}\p{Zp}]*[^\\/\p{Cc}\p{Zl}\p{Zp}]$/u

/** Nearly every path: plain names, of which none begins with a dot. What `RELATIVE_PATH` refuses has another character or an empty segment. */
const PLAIN_PATH = /^[\w@-][\w.@-]*(?:\/[\w@-][\w.@-]*)*$/

/** True for a workspace-relative path in canonical spelling, NFC included (CP-036). */
export function isRelativePath(path: string): boolean {
  if (path.length > 4096) return false
  return PLAIN_PATH.test(path) || (RELATIVE_PATH.test(path) && path === path.normalize('NFC'))
}
