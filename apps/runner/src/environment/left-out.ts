import { join } from 'node:path'

import { deepestVerdict, ignoreFileLayer, ignoreLayer, type IgnoreLayer } from './ignore-layers.ts'
import { isOwnName } from './own-path.ts'
import { readRegularFile } from './regular-file.ts'
import type { ListingRules } from './workspace-listing.ts'

/** The rule that keeps a path out of the listing. */
export type LeftOut =
  | { readonly reason: 'own_path' }
  | { readonly reason: 'gitignore'; readonly file: string; readonly line: number; readonly pattern: string }
  | { readonly reason: 'config_exclude'; readonly pattern: string }
  | { readonly reason: 'config_include' }

/**
 * Which rule leaves a path out, a folder with a final slash, from the outermost folder inwards as the listing walks; undefined when none does.
 * `ignoreFile` gives the text of a `.gitignore`, by its path: the one on disk, or an earlier one.
 */
export function leftOutBy(
  path: string,
  rules: ListingRules,
  ignoreFile: (path: string) => string | undefined,
): LeftOut | undefined {
  const exclude = ignoreLayer('', rules.exclude)
  const layers: IgnoreLayer[] = []
  for (const { folder, name, entry } of entriesTo(path)) {
    const text = ignoreFile(ignoreFileIn(folder))
    if (text !== undefined) layers.push(ignoreFileLayer(folder, text))
    if (isOwnName(name)) return { reason: 'own_path' }
    const excluded = exclude.rules.test(entry)
    if (excluded.rule) return { reason: 'config_exclude', pattern: excluded.rule.pattern }
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

/** The text of a `.gitignore` as it is on disk. */
export function ignoreFilesOf(root: string): (path: string) => string | undefined {
  return (path) => {
    try {
      return readRegularFile(join(root, path), 1_048_576).toString('utf8')
    } catch {
      return undefined
    }
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
      return 'ctxlock never takes it: git data, its own state and output, node_modules'
    case 'gitignore':
      return `${leftOut.file} line ${leftOut.line}: ${leftOut.pattern}`
    case 'config_exclude':
      return `\`sources.exclude\` of the config: ${leftOut.pattern}`
    case 'config_include':
      return 'no pattern of `sources.include` of the config matches it'
  }
}
