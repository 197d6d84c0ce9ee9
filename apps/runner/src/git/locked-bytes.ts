import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { bytesHash, type Hash } from '@ctxlock/core-hash'

import { LOCKFILE } from '../workspace/committed-files.ts'
import { readBlobs } from './blobs.ts'
import { runGit } from './git-command.ts'

export interface WantedBytes {
  readonly path: string
  readonly hash: Hash
}

/**
 * The bytes that were locked, as far as git has them: what the last commit holds at the path, what the commit that last
 * changed the lockfile held, what is staged. ctxlock keeps no copy (decisions/0007), so the hash decides: bytes that are not
 * the locked ones are never returned.
 */
export function findLockedBytes(root: string, wanted: readonly WantedBytes[]): ReadonlyMap<Hash, Uint8Array> {
  const found = new Map<Hash, Uint8Array>()
  for (const [folder, group] of Map.groupBy(wanted, ({ path }) => repositoryOf(root, path))) {
    const search = (revisions: readonly string[]) => {
      const open = group.filter(({ hash }) => !found.has(hash))
      const specOf = (revision: string, path: string) =>
        `${revision}:./${folder === root ? path : inside(root, folder, path)}`
      const blobs = readBlobs(
        folder,
        open.flatMap(({ path }) => revisions.map((revision) => specOf(revision, path))),
      )
      for (const { path, hash } of open) {
        const bytes = revisions
          .map((revision) => blobs.get(specOf(revision, path)))
          .find((blob) => blob !== undefined && bytesHash(blob) === hash)
        if (bytes) found.set(hash, bytes)
      }
      return group.some(({ hash }) => !found.has(hash))
    }
    if (search(['HEAD'])) search([...lockfileCommit(folder), ''])
  }
  return found
}

/** The commit that last changed the lockfile, if any. */
function lockfileCommit(folder: string): string[] {
  const output = runGit(folder, ['rev-list', '--max-count=1', 'HEAD', '--', LOCKFILE])
  const [commit] = /^[0-9a-f]{40,64}/.exec(output?.toString('latin1') ?? '') ?? []
  return commit === undefined ? [] : [commit]
}

/** The nearest folder with git data: a submodule has its own. The workspace itself may lie inside a larger repository. */
export function repositoryOf(root: string, path: string): string {
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (existsSync(join(root, folder, '.git'))) return join(root, folder)
  }
  return root
}

function inside(root: string, folder: string, path: string): string {
  return join(root, path).slice(folder.length + 1)
}
