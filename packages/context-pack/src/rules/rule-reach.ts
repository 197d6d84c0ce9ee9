import { folderPattern, liesWithin, patternsOverlap, scopePattern, type PathPattern } from './path-patterns.ts'

/**
 * For which paths the rules of a file hold. `folder` is '' for the workspace.
 * - `below`: everything in the folder.
 * - `nearest`: the same, unless a `nearest` file of a folder further down replaces it.
 * - `matching`: what one of the patterns matches.
 */
export type RuleReach =
  | { readonly kind: 'below' | 'nearest'; readonly folder: string }
  | { readonly kind: 'matching'; readonly folder: string; readonly patterns: readonly PathPattern[] }

interface Reaching {
  readonly source: { readonly source_hash: string }
  readonly reaches: readonly RuleReach[]
}

/**
 * The files whose rules hold for a work unit: the union of what holds for each path its scope can touch, so a wide scope is
 * bound by more rules, never by fewer. An empty scope is bound by the files of the root. Copies of one file count once. An entry
 * that is neither a file nor a pattern counts as a folder.
 */
export function rulesInForce<Source extends Reaching>(
  sources: readonly Source[],
  scope: readonly string[],
  isFile: (path: string) => boolean,
): Source[] {
  const nearest = sources.flatMap(({ reaches }) => reaches.filter(({ kind }) => kind === 'nearest'))
  const patterns = scope.map((entry) => scopePattern(entry, isFile))
  const held = sources.filter(({ reaches }) =>
    reaches.some((reach) =>
      patterns.length === 0
        ? reach.kind !== 'matching' && reach.folder === ''
        : patterns.some((pattern) => holdsFor(reach, pattern, nearest)),
    ),
  )
  const byHash = new Map(held.toReversed().map((source) => [source.source.source_hash, source]))
  return held.filter((source) => byHash.get(source.source.source_hash) === source)
}

function holdsFor(reach: RuleReach, pattern: PathPattern, nearest: readonly RuleReach[]): boolean {
  if (reach.kind === 'matching') return reach.patterns.some((own) => patternsOverlap(own, pattern))
  if (!patternsOverlap(folderPattern(reach.folder), pattern)) return false
  return reach.kind === 'below' || !nearest.some(({ folder }) => isNearer(folder, reach.folder, pattern))
}

/** Whether the file of `folder` stands between another one and every path of the pattern. */
function isNearer(folder: string, than: string, pattern: PathPattern): boolean {
  return folder.length > than.length && liesWithin(pattern, folder)
}
