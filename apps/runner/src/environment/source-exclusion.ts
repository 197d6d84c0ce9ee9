import { contentExclusion, isGovernanceText, pathExclusion } from '@ctxlock/context-pack/sources'
import type { SourceClass } from '@ctxlock/contracts/config'
import ignore from 'ignore'

/** Why a listed file is nevertheless no source: nobody wrote it here by hand, or no model may be shown it (CP-007). */
export interface SourceExclusion {
  /** By its name alone, before anything is read. */
  ofPath(path: string): SourceClass | 'governance_text' | undefined
  /** By the first bytes of a file whose name did not tell. */
  ofContent(path: string, bytes: Uint8Array): SourceClass | undefined
}

/** Which files are sources although nobody seems to have written them: classes of files, and gitignore patterns. */
export interface KeepRules {
  readonly classes: readonly string[]
  readonly paths: readonly string[]
}

/** What `sources.keep` of the config names, as a class or by a gitignore pattern, is a source whatever it looks like. */
export function createSourceExclusion({ classes, paths }: KeepRules): SourceExclusion {
  const keptClasses = new Set(classes)
  const keptPaths = ignore({ ignorecase: false }).add([...paths])
  // Asked for every file of a workspace, mostly of no pattern at all.
  const isKept = (path: string): boolean => paths.length > 0 && keptPaths.ignores(path)
  return {
    ofPath(path) {
      if (isGovernanceText(path)) return 'governance_text'
      return isKept(path) ? undefined : pathExclusion(path, keptClasses)
    },
    ofContent: (path, bytes) => (isKept(path) ? undefined : contentExclusion(path, bytes, keptClasses)),
  }
}
