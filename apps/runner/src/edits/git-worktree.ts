import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { runGit } from '../git/git-command.ts'

/**
 * Makes an empty folder a worktree of the person's repository, so that commands which ask git get its history. Nothing is checked out:
 * no hook, filter or file-system monitor of the repository runs, and its files come from a copy. False when the workspace is not the top
 * folder of a repository with a commit; it then stays a plain folder.
 */
export function addGitWorktree(root: string, folder: string): boolean {
  const top = runGit(root, ['rev-parse', '--show-toplevel'])?.toString('utf8').replace(/\n$/, '')
  if (top === undefined || realpathSync(top) !== realpathSync(root)) return false
  runGit(root, ['worktree', 'prune', '--expire=now'])
  if (runGit(root, ['worktree', 'add', '--quiet', '--detach', '--no-checkout', folder, 'HEAD']) === undefined)
    return false
  // The index of HEAD: `git status` and `git diff` then show the person's changes and the run's.
  runGit(folder, ['read-tree', 'HEAD'])
  return true
}

/** What `addGitWorktree` wrote into the folder, which commands may have overwritten. */
export function gitFileOf(folder: string): Buffer {
  return readFileSync(join(folder, '.git'))
}

/** Removes the folder and what the repository knows of it. Nothing in the folder is asked: a command may have written it. */
export function removeGitWorktree(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  runGit(root, ['worktree', 'prune', '--expire=now'])
}
