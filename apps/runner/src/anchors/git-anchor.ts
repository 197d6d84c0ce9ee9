import { definePlugin } from '@ctxlock/plugin-api'
import { z } from 'zod'

import { readBlobs } from '../git/blobs.ts'
import { runGit } from '../git/git-command.ts'

const FILE = 'checkpoint'
const AUTHOR = ['-c', 'user.name=ctxlock', '-c', 'user.email=ctxlock@localhost', '-c', 'commit.gpgSign=false']

/**
 * Keeps checkpoints as commits of a ref of their own; branches, index and files stay as they are. A commit on this machine is
 * as easy to rewrite as the log: pushed to a server that refuses to go back, it is not.
 */
export function gitAnchorPlugin(root: string) {
  return definePlugin({
    apiVersion: 'ctxlock.plugin@1',
    kind: 'sink',
    name: 'git',
    options: z.strictObject({
      ref: z
        .string()
        .regex(/^refs\/[a-z0-9][a-z0-9_/-]{0,99}$/)
        .exactOptional(),
    }),
    create: ({ ref = 'refs/ctxlock/log' }) => ({
      async latest() {
        const [bytes] = readBlobs(root, [`${ref}:${FILE}`]).values()
        return bytes && Buffer.from(bytes).toString('utf8')
      },
      async anchor({ note, size }) {
        const blob = git(root, ['hash-object', '-w', '--stdin'], note)
        const tree = git(root, ['mktree'], `100644 blob ${blob}\t${FILE}\n`)
        const parent = currentCommit(root, ref)
        const after = parent === undefined ? [] : ['-p', parent]
        const commit = git(root, [...AUTHOR, 'commit-tree', tree, ...after], `Checkpoint over ${size} events\n`)
        // Only from the commit that was read: of two that anchor at once one fails, and nothing is lost.
        git(root, ['update-ref', ref, commit, parent ?? '0'.repeat(commit.length)])
      },
      close: async () => undefined,
    }),
  })
}

function currentCommit(root: string, ref: string): string | undefined {
  return runGit(root, ['rev-parse', '--verify', '--quiet', ref])?.toString('utf8').trim()
}

function git(root: string, args: readonly string[], input = ''): string {
  const output = runGit(root, args, input)
  if (output) return output.toString('utf8').trim()
  throw new Error(`git ${args.find((arg) => !arg.startsWith('-'))} failed: the checkpoint was not kept as a commit`)
}
