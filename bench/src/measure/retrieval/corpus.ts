import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { createSourceExclusion } from '../../../../apps/runner/src/environment/source-exclusion.ts'
import { listWorkspace } from '../../../../apps/runner/src/environment/workspace-listing.ts'
import { decodeSourceText } from '../../../../packages/contracts/src/evidence.ts'

/** Texts by path, in UTF-16 order of the paths. */
export type Corpus = ReadonlyMap<string, string>

const MAX_FILE_BYTES = 1_048_576

/** The text files of a repository that ctxlock would take as sources. Every contestant ranks exactly these. */
export function readCorpus(root: string): Corpus {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new Error('Expected --files to name a directory.')
  const exclusion = createSourceExclusion({ classes: [], paths: [] })
  const corpus = new Map<string, string>()
  for (const { path } of listWorkspace(root, { include: [], exclude: [] }).files) {
    if (statSync(join(root, path)).size > MAX_FILE_BYTES || exclusion.ofPath(path) !== undefined) continue
    const bytes = readFileSync(join(root, path))
    const text = decodeSourceText(bytes)
    if (text === undefined || text.includes('\0') || exclusion.ofContent(path, bytes) !== undefined) continue
    corpus.set(path, text)
  }
  return corpus
}
