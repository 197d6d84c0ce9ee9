import * as files from 'node:fs'
import { Worker } from 'node:worker_threads'

import { createFileHasher, openFileHashing, type FileHasher, type FileHashing } from '@ctxlock/core-hash/files'

import { createSourceExclusion, type KeepRules } from './source-exclusion.ts'
import { isOwnPath } from './own-path.ts'

// From source the sibling is TypeScript, from the published build JavaScript.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './digest-worker.ts' : './digest-worker.js', import.meta.url)

export interface DigestOptions {
  readonly root: string
  readonly keep: KeepRules
}

/**
 * Hashes files of one workspace as they are found; paths are untrusted, as in createWorkspaceReader. A digest with a `remark` is
 * of a file that is no source, by its content.
 */
export function openWorkspaceHashing(options: DigestOptions): FileHashing {
  return openFileHashing({
    hasher: createWorkspaceHasher(options),
    startWorker: () => new Worker(WORKER, { workerData: options }),
  })
}

/** Hashes files of one workspace; git's data and ours are never sources. */
export function createWorkspaceHasher({ root, keep }: DigestOptions): FileHasher {
  const { ofContent } = createSourceExclusion(keep)
  return createFileHasher({ files, root, mayRead: (path) => !isOwnPath(path), inspect: ofContent })
}
