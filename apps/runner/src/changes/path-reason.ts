import { lstatSync } from 'node:fs'
import { join } from 'node:path'

import type { ExclusionChange } from '@ctxlock/context-pack'
import { CtxlockConfig } from '@ctxlock/contracts/config'

import { describeLeftOut, ignoreFilesOf, leftOutBy } from '../environment/left-out.ts'
import { missingSubmodule, sparselySkipped } from '../git/skipped-paths.ts'
import { CONFIG_FILE } from '../workspace/committed-files.ts'
import { resolveConfig, type ResolvedConfig } from '../workspace/default-config.ts'

/** Why a source is there that was not locked, or is not there although it was. */
export interface PathReason {
  /** `deleted`, `sparse_checkout`, `submodule_missing`, `new`, `let_in`, or the reason a path is left out. */
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
  const exclusions = new Map(excluded.map((change) => [change.path, change]))
  const ignoreFile = ignoreFilesOf(root)
  const earlierRules = rulesOf(earlierText(CONFIG_FILE)) ?? config.sources
  let skipped: ReadonlySet<string> | undefined

  return {
    ofRemoved(path) {
      const reason = exclusions.get(path)?.new_reason
      if (reason !== undefined) return { reason, detail: `left out now: ${reason.replaceAll('_', ' ')}` }
      const leftOut = leftOutBy(path, config.sources, ignoreFile)
      if (isThere(root, path)) {
        return leftOut
          ? { reason: leftOut.reason, detail: `left out now: ${describeLeftOut(leftOut)}` }
          : { reason: 'unreadable', detail: 'it is there and cannot be read' }
      }
      skipped ??= sparselySkipped(root)
      if (skipped.has(path)) return { reason: 'sparse_checkout', detail: 'not in this sparse checkout' }
      const submodule = missingSubmodule(path, ignoreFile('.gitmodules') ?? '', root)
      if (submodule !== undefined) {
        return { reason: 'submodule_missing', detail: `the submodule ${submodule} is not checked out` }
      }
      return { reason: 'deleted', detail: 'deleted' }
    },
    ofAdded(path) {
      const reason = exclusions.get(path)?.old_reason
      if (reason !== undefined) return { reason: 'let_in', detail: `was left out: ${reason.replaceAll('_', ' ')}` }
      const leftOut = leftOutBy(path, earlierRules, (file) => earlierText(file) ?? ignoreFile(file))
      if (leftOut) return { reason: 'let_in', detail: `was left out by ${describeLeftOut(leftOut)}` }
      return { reason: 'new', detail: 'new in the tree' }
    },
  }
}

function isThere(root: string, path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined
}

function rulesOf(text: string | undefined): ResolvedConfig['sources'] | undefined {
  try {
    return text === undefined ? undefined : resolveConfig(CtxlockConfig.parse(JSON.parse(text))).sources
  } catch {
    return undefined
  }
}
