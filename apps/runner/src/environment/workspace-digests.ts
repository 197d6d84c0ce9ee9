import * as files from 'node:fs'
import { Worker } from 'node:worker_threads'

import { createFileHasher, hashFiles, type FileDigest, type FileHasher } from '@ctxlock/core-hash/files'

import { isOwnPath } from './workspace-reader.ts'

// From source the sibling is TypeScript, from the published build JavaScript.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './digest-worker.ts' : './digest-worker.js', import.meta.url)

/** The digests of files of one workspace, in the order of their paths; paths are untrusted, as in createWorkspaceReader. */
export function digestWorkspaceFiles(root: string, paths: readonly string[]): Promise<FileDigest[]> {
  return hashFiles(paths, {
    hashFile: createWorkspaceHasher(root),
    startWorker: () => new Worker(WORKER, { workerData: root }),
  })
}

/** Hashes single files of one workspace; git's data and ours are never sources. */
export function createWorkspaceHasher(root: string): FileHasher {
  return createFileHasher({ files, root, mayRead: (path) => !isOwnPath(path) })
}
