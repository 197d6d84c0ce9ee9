import { readdirSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'

import { isGovernanceText } from '@ctxlock/context-pack/sources'
import { isRelativePath } from '@ctxlock/contracts/relative-path'
import { textHash } from '@ctxlock/core-hash'
import ignore from 'ignore'

import { diskHint } from './disk-hint.ts'
import { deepestVerdict, type IgnoreLayer } from './ignore-layers.ts'
import { layersOf, leftOutBy, type ListingRules } from './left-out.ts'
import { linkTarget, type LinkTarget } from './link-target.ts'
import { isOwnName } from './own-path.ts'

export interface ExcludedEntry {
  readonly path: string
  readonly reason:
    | 'symlink_outside_workspace'
    | 'symlink_broken'
    | 'symlink_to_excluded'
    | 'symlinked_directory'
    | 'path_unsupported'
    | 'unreadable_directory'
    | 'not_a_file'
}

export interface ListedFile {
  readonly path: string
  /** Present when the path is a symlink: the file of the workspace it leads to in the end. */
  readonly link?: string
}

export interface WorkspaceListing {
  /** Files in UTF-16 order of their path. */
  readonly files: readonly ListedFile[]
  /** What was met and left out, so that nothing vanishes silently. Ignored paths are not listed: their rule is in the tree. */
  readonly excluded: readonly ExcludedEntry[]
}

/**
 * Lists the workspace's files from the tree alone: the `.gitignore` files in it and the config. Neither a git index, nor a
 * global ignore file, nor the order of the directory, nor the locale takes part, so a clone and a copy list the same. `onFile` is told
 * of every file as it is found, in no order.
 */
export function listWorkspace(
  root: string,
  rules: ListingRules,
  onFile: (file: ListedFile) => void = () => {},
): WorkspaceListing {
  const realRoot = realpathSync(root)
  const files: ListedFile[] = []
  const excluded: ExcludedEntry[] = []
  const include = rules.include.length > 0 ? ignore({ ignorecase: false }).add([...rules.include]) : undefined
  const exclude = rules.exclude.length > 0 ? ignore({ ignorecase: false }).add([...rules.exclude]) : undefined
  const layerIn = layersOf(realRoot)
  visit('', [])
  files.sort(byPath)
  excluded.sort(byPath)
  // Names of other bytes that are no UTF-8 read the same; one entry stands for all of them.
  return { files, excluded: excluded.filter(({ path }, index) => path !== excluded[index - 1]?.path) }

  function visit(folder: string, inherited: readonly IgnoreLayer[]): void {
    let entries
    try {
      entries = readdirSync(folder === '' ? realRoot : `${realRoot}${sep}${folder}`, { withFileTypes: true })
    } catch (error) {
      // A folder may be closed to this person; a disk that fails, or no folder at all, must not pass for an empty workspace.
      if (folder === '' || diskHint(error) !== undefined) throw error
      excluded.push({ path: folder, reason: 'unreadable_directory' })
      return
    }
    const layer = entries.some((entry) => entry.name === '.gitignore') ? layerIn(folder) : undefined
    const layers = layer ? [...inherited, layer] : inherited
    for (const entry of entries) {
      if (isOwnName(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (!isSupported(path)) excluded.push({ path: unsupportedName(path), reason: 'path_unsupported' })
        else if (!isIgnored(`${path}/`, layers)) visit(path, layers)
      } else if (isIncluded(path, layers)) {
        take(path, entry.isSymbolicLink(), entry.isFile())
      }
    }
  }

  function take(path: string, isLink: boolean, isFile: boolean): void {
    if (!isSupported(path)) excluded.push({ path: unsupportedName(path), reason: 'path_unsupported' })
    else if (isLink) takeLink(path)
    else if (isFile) add({ path })
    else excluded.push({ path, reason: 'not_a_file' })
  }

  function takeLink(path: string): void {
    const { kind, inside } = linkTarget(realRoot, path)
    if (inside !== undefined && isLeftOut(inside, kind)) excluded.push({ path, reason: 'symlink_to_excluded' })
    else if (kind === 'missing') excluded.push({ path, reason: 'symlink_broken' })
    else if (inside === undefined) excluded.push({ path, reason: 'symlink_outside_workspace' })
    else if (kind === 'folder') excluded.push({ path, reason: 'symlinked_directory' })
    else if (!isSupported(inside)) excluded.push({ path, reason: 'path_unsupported' })
    else add({ path, link: inside })
  }

  /** Of what is missing nobody knows whether it would be a folder. */
  function isLeftOut(target: string, kind: LinkTarget['kind']): boolean {
    const entries = { file: [target], folder: [`${target}/`], missing: [target, `${target}/`] }[kind]
    if (isGovernanceText(target) || exclude?.ignores(target) === true) return true
    return entries.some((entry) => leftOutBy(entry, { include: [], exclude: [] }, layerIn))
  }

  function add(file: ListedFile): void {
    files.push(file)
    onFile(file)
  }

  function isIncluded(path: string, layers: readonly IgnoreLayer[]): boolean {
    return !isIgnored(path, layers) && (include === undefined || include.ignores(path))
  }

  function isIgnored(path: string, layers: readonly IgnoreLayer[]): boolean {
    return exclude?.ignores(path) === true || deepestVerdict(layers, path) !== undefined
  }
}

/** U+FFFD stands for bytes that are no UTF-8: such a name cannot be opened by the string we hold. */
function isSupported(path: string): boolean {
  return isRelativePath(path) && !path.includes('\uFFFD')
}

function byPath(left: { readonly path: string }, right: { readonly path: string }): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0
}

/** A name for a path that no record can hold: readable, relative, and different for every path. */
export function unsupportedName(path: string): string {
  const readable = path
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\\:]|^[/~.]/gu, '_')
    .slice(0, 200)
    .toWellFormed()
  return `${readable}~${textHash(path.toWellFormed()).slice(0, 8)}`
}
