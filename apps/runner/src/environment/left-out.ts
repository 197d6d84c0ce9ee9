import type { ListingRules } from './workspace-listing.ts'
import { deepestVerdict, ignoreFileLayer, ignoreLayer, type IgnoreLayer } from './ignore-layers.ts'

/** The rule that keeps a path out of the listing. */
export type LeftOut =
  | { readonly reason: 'own_path' }
  | { readonly reason: 'gitignore'; readonly file: string; readonly line: number; readonly pattern: string }
  | { readonly reason: 'config_exclude'; readonly pattern: string }
  | { readonly reason: 'config_include' }

/**
 * Which rule leaves a path out, from the outermost folder inwards as the listing walks; undefined when none does.
 * `ignoreFile` gives the text of a `.gitignore`, by its path: the one on disk, or an earlier one.
 */
export function leftOutBy(
  path: string,
  rules: ListingRules & { readonly own: readonly string[] },
  ignoreFile: (path: string) => string | undefined,
): LeftOut | undefined {
  const own = ignoreLayer('', rules.own)
  const exclude = ignoreLayer('', rules.exclude)
  const layers: IgnoreLayer[] = []
  const segments = path.split('/')
  for (let depth = 0; depth < segments.length; depth += 1) {
    const folder = segments.slice(0, depth).join('/')
    const file = folder === '' ? '.gitignore' : `${folder}/.gitignore`
    const text = ignoreFile(file)
    if (text !== undefined) layers.push(ignoreFileLayer(folder, text))
    const entry = segments.slice(0, depth + 1).join('/') + (depth === segments.length - 1 ? '' : '/')
    if (own.rules.ignores(entry)) return { reason: 'own_path' }
    const excluded = exclude.rules.test(entry)
    if (excluded.rule) return { reason: 'config_exclude', pattern: excluded.rule.pattern }
    const ignored = deepestVerdict(layers, entry)
    if (ignored) {
      const { layer, matched } = ignored
      return { reason: 'gitignore', file: layer.base === '' ? '.gitignore' : `${layer.base}/.gitignore`, ...matched }
    }
  }
  const isIncluded = rules.include.length === 0 || ignoreLayer('', rules.include).rules.ignores(path)
  return isIncluded ? undefined : { reason: 'config_include' }
}

/** The same in words. */
export function describeLeftOut(leftOut: LeftOut): string {
  switch (leftOut.reason) {
    case 'own_path':
      return 'ctxlock never takes it: git data, its own state and output, and node_modules'
    case 'gitignore':
      return `${leftOut.file} line ${leftOut.line}: ${leftOut.pattern}`
    case 'config_exclude':
      return `\`sources.exclude\` in the config: ${leftOut.pattern}`
    case 'config_include':
      return 'no pattern of `sources.include` in the config matches it'
  }
}
