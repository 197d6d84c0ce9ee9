import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

import { isOwnerGone } from '../workspace/run-owner.ts'
import { removeWorktree } from './git-worktree.ts'

/** Where the runs of a workspace have their worktrees. */
export function worktreesOf(stateFolder: string): string {
  return join(stateFolder, 'worktrees')
}

/**
 * Removes the worktrees that processes which were killed left behind, with what their commands had for a home; never one of a living
 * process. Nothing is lost by it: what a run finished is in the state. Returns the folders that could not be removed.
 */
export function removeAbandonedWorktrees(root: string, stateFolder: string): string[] {
  const folder = worktreesOf(stateFolder)
  // A repository may come with a state folder of its own making: nothing is removed through a link.
  if (!existsSync(folder) || realpathSync(folder) !== worktreesOf(realpathSync(stateFolder))) return []
  return readdirSync(folder)
    .filter((name) => isOwnerGone(stateFolder, name.replace(/\.scratch$/, '')))
    .map((name) => join(folder, name))
    .filter((abandoned) => !isRemoved(root, abandoned))
}

function isRemoved(root: string, folder: string): boolean {
  try {
    removeWorktree(root, folder)
    return true
  } catch {
    return false
  }
}
