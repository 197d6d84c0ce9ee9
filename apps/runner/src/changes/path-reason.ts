import { join } from 'node:path'

import type { ExclusionChange } from '@ctxlock/context-pack'
import { CtxlockConfig } from '@ctxlock/contracts/config'

import { entryAt } from '../environment/entry-at.ts'
import { describeLeftOut, describeMet, layersOf, leftOutBy, metOnTheWay } from '../environment/left-out.ts'
import { missingSubmodule, sparselySkipped } from '../git/skipped-paths.ts'
import { CONFIG_FILE } from '../workspace/committed-files.ts'
import { parseConfigText } from '../workspace/config-text.ts'
import { resolveConfig, type ResolvedConfig } from '../workspace/default-config.ts'

/** Why a source is there that was not locked, or is not there although it was. */
export interface PathReason {
  /** `deleted`, `folder`, `sparse_checkout`, `submodule_missing`, `new`, `let_in`, or the reason a path is left out. */
  readonly reason: string
  readonly detail: string
}

export interface ReasonFinder {
  ofRemoved(path: string): PathReason
  ofAdded(path: string): PathReason
}

export interface ReasonInputs {
  readonly root: string
  readonly config: ResolvedConfig
  readonly excluded: readonly ExclusionChange[]
  /** The locked text of a `.gitignore` or of the config that is no longer the locked one; undefined for any other path. */
  readonly earlierText: (path: string) => string | undefined
}

/** Explains paths that came or went by the rules of the listing, as they are and as they were. */
export function findReasons({ root, config, excluded, earlierText }: ReasonInputs): ReasonFinder {
  const leftOutThen = byPath(excluded.map(({ path, old_reason }) => ({ path, reason: old_reason })))
  const leftOutNow = byPath(excluded.map(({ path, new_reason }) => ({ path, reason: new_reason })))
  const layers = layersOf(root)
  const earlierLayers = layersOf(root, earlierText)
  const earlierRules = rulesOf(earlierText(CONFIG_FILE)) ?? config.sources
  let skipped: ReadonlySet<string> | undefined

  return {
    ofRemoved(path) {
      const entry = entryAt(join(root, path))
      const met = entry === 'missing' ? leftOutNow.get(path) : metOnTheWay(path, leftOutNow)
      if (met) return { reason: met.reason, detail: `left out now: ${describeMet(met, path)}` }
      if (entry !== 'missing') {
        const leftOut = leftOutBy(path, config.sources, layers)
        if (leftOut) return { reason: leftOut.reason, detail: `left out now: ${describeLeftOut(leftOut)}` }
        if (entry === 'closed') return { reason: 'unreadable', detail: 'its folder cannot be read' }
        return entry.isDirectory()
          ? { reason: 'folder', detail: 'a folder is in its place' }
          : { reason: 'unreadable', detail: 'it is there and cannot be read' }
      }
      skipped ??= sparselySkipped(root)
      if (skipped.has(path)) return { reason: 'sparse_checkout', detail: 'not in this sparse checkout' }
      const submodule = missingSubmodule(path, root)
      if (submodule !== undefined) {
        return { reason: 'submodule_missing', detail: `the submodule ${submodule} is not checked out` }
      }
      return { reason: 'deleted', detail: 'deleted' }
    },
    ofAdded(path) {
      const met = metOnTheWay(path, leftOutThen)
      if (met) return { reason: 'let_in', detail: `was left out: ${describeMet(met, path)}` }
      const leftOut = leftOutBy(path, earlierRules, earlierLayers)
      if (leftOut) return { reason: 'let_in', detail: `was left out by ${describeLeftOut(leftOut)}` }
      return { reason: 'new', detail: 'new in the tree' }
    },
  }
}

function byPath(entries: readonly { readonly path: string; readonly reason: string | undefined }[]) {
  return new Map(entries.flatMap(({ path, reason }) => (reason === undefined ? [] : [[path, { path, reason }]])))
}

function rulesOf(text: string | undefined): ResolvedConfig['sources'] | undefined {
  try {
    return text === undefined ? undefined : resolveConfig(CtxlockConfig.parse(parseConfigText(text))).sources
  } catch {
    return undefined
  }
}
