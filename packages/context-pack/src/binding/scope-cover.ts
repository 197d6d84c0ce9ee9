import { isInScope } from '@ctxlock/contracts/scope-pattern'

/**
 * The entries of a scope that grant more than another scope did. A path takes in what lies below it, so a pattern covers one
 * only when it takes in that too (`src/**`) or the path is a file. Of two patterns only the fixed beginnings are compared.
 */
export function uncoveredScope(
  granted: readonly string[],
  wanted: readonly string[],
  files: ReadonlySet<string>,
): string[] {
  const patterns = granted.filter((entry) => !isLiteral(entry))
  const folders = granted.map((entry) => entry.replace(/\/?\*\*$/, '')).filter(isLiteral)
  const coversTree = (path: string) =>
    folders.includes('') ||
    isInScope(path, folders) ||
    isInScope(
      path,
      patterns.filter((pattern) => pattern.endsWith('/**')),
    )
  return wanted.filter((entry) => {
    if (granted.includes(entry)) return false
    if (!isLiteral(entry)) return !coversTree(fixedBeginning(entry))
    const path = entry.replace(/\/$/, '')
    return !coversTree(path) && !(files.has(path) && isInScope(path, patterns))
  })
}

/** The folder that everything a pattern matches lies in; '' when it is the workspace. */
function fixedBeginning(pattern: string): string {
  const segments = pattern.split('/')
  return segments
    .slice(
      0,
      segments.findIndex((segment) => !isLiteral(segment)),
    )
    .join('/')
}

function isLiteral(text: string): boolean {
  return !/[*?]/.test(text)
}
