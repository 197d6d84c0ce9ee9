import type { FileFacts } from '@ctxlock/context-pack'
import type { ExcludedSource } from '@ctxlock/contracts/lockfile'
import type { Hash } from '@ctxlock/contracts/primitives'

import { createWorkspaceHasher } from '../environment/workspace-hasher.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** One source as it is now: raw-byte hash and size in bytes, and what the lockfile states of the file itself. */
export interface SurveyedSource extends FileFacts {
  readonly path: string
  readonly hash: Hash
  readonly size: number
}

export interface SourceSurvey {
  /** Of every listed file, in UTF-16 order of paths. */
  readonly files: readonly string[]
  /** What the listing met and left out. */
  readonly excluded: readonly ExcludedSource[]
  /** The source at a listed path, read now, or the reason it is none. */
  examine(path: string): SurveyedSource | ExcludedSource
}

/** Which sources a workspace has. Lock and check ask here, so that they cannot disagree. */
export function surveySources(root: string, { sources }: ResolvedConfig): SourceSurvey {
  const { files, excluded } = listWorkspace(root, sources)
  const hash = createWorkspaceHasher(root)
  const facts = new Map(files.map(({ path, mode, link }) => [path, { ...(mode && { mode }), ...(link && { link }) }]))
  return {
    files: files.map(({ path }) => path),
    excluded: excluded.filter(({ path }) => path !== '.').map(({ path, reason }) => ({ path, reason })),
    examine(path) {
      const digest = hash(path)
      return digest.status === 'hashed'
        ? { path, ...facts.get(path), hash: digest.hash, size: digest.size }
        : { path, reason: digest.status }
    },
  }
}
