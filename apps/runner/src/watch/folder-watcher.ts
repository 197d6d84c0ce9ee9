import { lstatSync, readdirSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'

import { isUnwatched } from './unwatched-path.ts'
import type { StartWatcher } from './workspace-changes.ts'

/**
 * Watches each folder of a tree, for systems that cannot watch a tree. Node's recursive watcher watches each file there: one
 * that is replaced, as editors and git do it, is lost, a file that comes costs a look at all beside it, and the system's limit
 * is soon reached.
 */
export const startFolderWatcher: StartWatcher = (root, onChange, onFailure) => {
  return watchFolder('') ?? (() => {})

  /** Returns what ends it for the folder and all below; undefined when the folder is gone. */
  function watchFolder(folder: string): (() => void) | undefined {
    const below = new Map<string, () => void>()
    let watcher: FSWatcher
    try {
      watcher = watch(join(root, folder), note)
    } catch {
      // More folders than the system watches, or a closed one.
      if (folder === '' || isFolder(folder)) onFailure()
      return undefined
    }
    watcher.on('error', onFailure)
    // Read when it is watched already: what is made meanwhile is met one way or the other.
    for (const name of foldersIn(folder)) enter(name)
    return () => {
      watcher.close()
      for (const end of below.values()) end()
    }

    function note(event: string, name: string | null): void {
      onChange(name === null ? null : pathOf(name))
      // A folder whose own mode changed is the same; another one may have its name otherwise.
      if (name !== null && !(event === 'change' && below.has(name))) enter(name)
    }

    function enter(name: string): void {
      below.get(name)?.()
      below.delete(name)
      const path = pathOf(name)
      const end = isUnwatched(path) || !isFolder(path) ? undefined : watchFolder(path)
      if (end) below.set(name, end)
    }

    function pathOf(name: string): string {
      return folder === '' ? name : `${folder}/${name}`
    }
  }

  function isFolder(path: string): boolean {
    try {
      return lstatSync(join(root, path)).isDirectory()
    } catch {
      return false
    }
  }

  function foldersIn(path: string): string[] {
    try {
      const entries = readdirSync(join(root, path), { withFileTypes: true })
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    } catch {
      return []
    }
  }
}
