import type { FileFacts } from '@ctxlock/context-pack'
import type { FileDigest } from '@ctxlock/core-hash/files'
import type { ExcludedSource } from '@ctxlock/contracts/lockfile'
import type { Hash } from '@ctxlock/contracts/primitives'

import { createSourceExclusion } from '../environment/source-exclusion.ts'
import { createWorkspaceHasher, digestWorkspaceFiles } from '../environment/workspace-digests.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** One source as it is now: raw-byte hash and size in bytes, and what the lockfile states of the file itself. */
export interface SurveyedSource extends FileFacts {
  readonly path: string
  readonly hash: Hash
  readonly size: number
}

export interface SourceSurvey {
  /** Every listed path, sources or not, in UTF-16 order. */
  readonly files: readonly string[]
  /** In UTF-16 order of paths. */
  readonly sources: readonly SurveyedSource[]
  /** What is there and is no source, with the reason: a class of files, a link that leads out, a file that cannot be read. */
  readonly excluded: readonly ExcludedSource[]
}

/** Which sources a workspace has, by content. Lock and check ask here, so that they cannot disagree. */
export async function surveySources(root: string, { sources: rules }: ResolvedConfig): Promise<SourceSurvey> {
  const listing = listWorkspace(root, rules)
  const { ofPath } = createSourceExclusion(rules.keep)
  const excluded: ExcludedSource[] = listing.excluded
    .filter(({ path }) => path !== '.')
    .map(({ path, reason }) => ({ path, reason }))
  const facts = new Map<string, FileFacts>()
  for (const { path, mode, link } of listing.files) {
    const reason = ofPath(path)
    if (reason === undefined) facts.set(path, { ...(mode && { mode }), ...(link && { link }) })
    else excluded.push({ path, reason })
  }
  const sources: SurveyedSource[] = []
  const options = { root, keep: rules.keep }
  const hashAgain = createWorkspaceHasher(options)
  for (const first of await digestWorkspaceFiles([...facts.keys()], options)) {
    // A file that somebody is writing gets one more chance (CP-021).
    const digest = first.status === 'changed_during_read' ? hashAgain(first.path) : first
    const surveyed = sourceOf(digest, facts.get(digest.path))
    if ('reason' in surveyed) excluded.push(surveyed)
    else sources.push(surveyed)
  }
  return { files: listing.files.map(({ path }) => path), sources, excluded }
}

function sourceOf(digest: FileDigest, facts: FileFacts | undefined): SurveyedSource | ExcludedSource {
  const { path } = digest
  if (digest.status !== 'hashed') return { path, reason: digest.status }
  const { hash, size, remark } = digest
  return remark === undefined ? { path, ...facts, hash, size } : { path, reason: remark }
}
