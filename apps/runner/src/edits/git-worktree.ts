import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { runGit } from '../git/git-command.ts'

/**
 * Makes an empty folder a worktree of the person's repository, so that commands which ask git get its history. Nothing is checked out:
 * no hook, filter or file-system monitor of the repository runs, and its files come from a copy. Returns what git wrote into the
 * folder; undefined when the workspace is not the top folder of a repository with a commit, and the folder stays a plain one.
 */
export function addGitWorktree(root: string, folder: string): Buffer | undefined {
  const top = runGit(root, ['rev-parse', '--show-toplevel'])?.toString('utf8').replace(/\n$/, '')
  if (top === undefined || realpathSync(top) !== realpathSync(root)) return undefined
  // Forced: an interrupted run may have left its entry.
  const added = runGit(root, ['worktree', 'add', '--force', '--quiet', '--detach', '--no-checkout', folder, 'HEAD'])
  if (added === undefined) return undefined
  // The index of HEAD: `git status` and `git diff` then show the person's changes and the run's.
  runGit(folder, ['read-tree', 'HEAD'])
  return readFileSync(join(folder, '.git'))
}

/**
 * Removes the folder, then its entry in the repository: what a command made of the folder's `.git` names nothing any more. Other entries
 * are left alone: a worktree that cannot be found now may lie on a disk that comes back.
 */
export function removeWorktree(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  runGit(root, ['worktree', 'remove', '--force', folder])
}
