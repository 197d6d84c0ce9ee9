import type { SourceReader } from '@ctxlock/contracts/ports'

import { createSourceExclusion, type KeepRules } from '../environment/source-exclusion.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** Where the files of conventions and skills are looked for: among the sources. */
export interface RulePlaces {
  paths(): readonly string[]
  isSource(path: string): boolean
}

const MAX_FILE_BYTES = 1_048_576

/**
 * The sources, but whatever `sources.include` says: choosing which files a model may see must not silently take a rule out of
 * force. Excluding a folder does, for then nothing in it is seen or changed.
 */
export function rulePlaces(
  root: string,
  { sources }: ResolvedConfig,
  reader: SourceReader,
  listed: () => readonly string[],
): RulePlaces {
  return {
    paths() {
      if (sources.include.length === 0) return listed()
      return listWorkspace(root, { ...sources, include: [] }).files.map(({ path }) => path)
    },
    isSource: sourceTest(reader, sources.keep),
  }
}

/** Tells a source from what is left out as nobody's handwriting. What cannot be read is left to whoever reads it. */
export function sourceTest(reader: SourceReader, keep: KeepRules): (path: string) => boolean {
  const { ofPath, ofContent } = createSourceExclusion(keep)
  return (path) => {
    if (ofPath(path) !== undefined) return false
    const read = reader.read(path, { maxBytes: MAX_FILE_BYTES })
    return read.status !== 'read' || ofContent(path, read.bytes) === undefined
  }
}
