import { ignoreFileText } from './ignore-file.ts'
import { deepestVerdict, ignoreFileLayer, ignoreLayer, type IgnoreLayer } from './ignore-layers.ts'
import { isOwnName } from './own-path.ts'

/** The part of the config that says which files are listed. */
export interface ListingRules {
  /** gitignore patterns; empty means everything. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** The rule that keeps a path out of the listing. */
export type LeftOut =
  | { readonly reason: 'own_path' }
  | { readonly reason: 'gitignore'; readonly file: string; readonly line: number; readonly pattern: string }
  | { readonly reason: 'config_exclude'; readonly pattern: string }
  | { readonly reason: 'config_include' }

/**
 * Which rule leaves a path out, a folder with a final slash, from the outermost folder inwards as the listing walks; undefined when none does.
 * `layerIn` gives the `.gitignore` of a folder: the one on disk, or an earlier one.
 */
export function leftOutBy(path: string, rules: ListingRules, layerIn: LayerIn): LeftOut | undefined {
  const exclude = ignoreLayer('', rules.exclude)
  const layers: IgnoreLayer[] = []
  for (const { folder, name, entry } of entriesTo(path)) {
    const layer = layerIn(folder)
    if (layer) layers.push(layer)
    if (isOwnName(name)) return { reason: 'own_path' }
    const excluded = exclude.rules.test(entry)
    if (excluded.ignored && excluded.rule) return { reason: 'config_exclude', pattern: excluded.rule.pattern }
    const ignored = deepestVerdict(layers, entry)
    if (ignored) return { reason: 'gitignore', file: ignoreFileIn(ignored.layer.base), ...ignored.matched }
  }
  const isIncluded = rules.include.length === 0 || ignoreLayer('', rules.include).rules.ignores(path)
  return isIncluded ? undefined : { reason: 'config_include' }
}

/** Each folder on the way to a path with the entry that is met in it; folders end with a slash. */
function entriesTo(path: string) {
  const segments = path.replace(/\/$/, '').split('/')
  return segments.map((name, depth) => ({
    name,
    folder: segments.slice(0, depth).join('/'),
    entry: depth === segments.length - 1 ? path : `${segments.slice(0, depth + 1).join('/')}/`,
  }))
}

function ignoreFileIn(folder: string): string {
  return folder === '' ? '.gitignore' : `${folder}/.gitignore`
}

/** The patterns of a folder's `.gitignore`; undefined where there is none. */
export type LayerIn = (folder: string) => IgnoreLayer | undefined

/** Those of the workspace, each read once; `earlierText` may know an earlier one, by its path. Throws what `ignoreFileText` throws. */
export function layersOf(root: string, earlierText: (path: string) => string | undefined = () => undefined): LayerIn {
  const known = new Map<string, IgnoreLayer | undefined>()
  return (folder) => {
    if (known.has(folder)) return known.get(folder)
    const path = ignoreFileIn(folder)
    const text = earlierText(path) ?? ignoreFileText(root, path)
    const layer = text === undefined ? undefined : ignoreFileLayer(folder, text)
    known.set(folder, layer)
    return layer
  }
}

/** What was met and left out: the path itself, or the folder or link to one that it lies in. */
export function metOnTheWay<Entry>(path: string, entries: ReadonlyMap<string, Entry>): Entry | undefined {
  const folder = path.lastIndexOf('/')
  return entries.get(path) ?? (folder < 0 ? undefined : metOnTheWay(path.slice(0, folder), entries))
}

/** Why what was met on the way to a path is left out, in words. */
export function describeMet(met: { readonly path: string; readonly reason: string }, path: string): string {
  const reason = met.reason.replaceAll('_', ' ')
  return met.path === path ? reason : `${met.path} is left out, ${reason}`
}

/** The rule in words. */
export function describeLeftOut(leftOut: LeftOut): string {
  switch (leftOut.reason) {
    case 'own_path':
      return 'ctxlock never takes it: data of version control, its own state and output, node_modules'
    case 'gitignore':
      return `${leftOut.file} line ${leftOut.line}: ${leftOut.pattern}`
    case 'config_exclude':
      return `\`sources.exclude\` of the config: ${leftOut.pattern}`
    case 'config_include':
      return 'no pattern of `sources.include` of the config matches it'
  }
}
