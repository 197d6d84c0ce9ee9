import ignore, { type Ignore } from 'ignore'

/** The patterns of one `.gitignore`, or of one list in the config. */
export interface IgnoreLayer {
  /** The folder the patterns are relative to, '' for the root. */
  readonly base: string
  readonly rules: Ignore
  /** What the rules say of folders, each with a final slash, that were asked about. */
  readonly folders: Map<string, boolean>
}

/** A pattern and where it stands; lines count from 1. */
export interface MatchedPattern {
  readonly pattern: string
  readonly line: number
}

export function ignoreLayer(base: string, patterns: readonly string[]): IgnoreLayer {
  const marked = patterns.map((pattern, index) => ({ pattern, mark: String(index + 1) }))
  return { base, rules: ignore({ ignorecase: false }).add(marked), folders: new Map() }
}

/** The lines of an ignore file, as git splits them. */
export function ignoreFileLayer(base: string, text: string): IgnoreLayer {
  return ignoreLayer(
    base,
    text
      .replace(/^\uFEFF/, '')
      .replace(/\r$/, '')
      .split(/\r?\n/),
  )
}

/** What the layers say about an entry, folders with a final slash: the deepest one that says anything decides, as in git. */
export function deepestVerdict(
  layers: readonly IgnoreLayer[],
  path: string,
): { readonly layer: IgnoreLayer; readonly matched: MatchedPattern } | undefined {
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const layer = layers[index]
    if (!layer) continue
    const verdict = verdictOf(layer, layer.base === '' ? path : path.slice(layer.base.length + 1))
    if (verdict.unignored) return undefined
    if (verdict.rule) return { layer, matched: { pattern: verdict.rule.pattern, line: Number(verdict.rule.mark) } }
  }
  return undefined
}

/**
 * What one ignore file says about an entry itself. The library also counts a match of a parent folder; but the walk is inside
 * that folder, so a deeper file re-included it, and only patterns that match the entry alone still hold.
 */
function verdictOf(layer: IgnoreLayer, path: string) {
  const folder = path.lastIndexOf('/', path.length - 2)
  const parentIgnored = folder > 0 && isFolderIgnored(layer, path.slice(0, folder + 1))
  return layer.rules.test(parentIgnored ? path.slice(folder + 1) : path)
}

/** Asked again for every entry of the folder. */
function isFolderIgnored({ rules, folders }: IgnoreLayer, folder: string): boolean {
  const known = folders.get(folder)
  if (known !== undefined) return known
  const { ignored } = rules.test(folder)
  folders.set(folder, ignored)
  return ignored
}
