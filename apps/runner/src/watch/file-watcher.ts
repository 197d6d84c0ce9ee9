import { watch } from 'node:fs'

import { startFolderWatcher } from './folder-watcher.ts'
import type { StartWatcher } from './workspace-changes.ts'

/** The system's own watcher over a whole tree, or, where it has none, over its folders. */
export const startFileWatcher: StartWatcher = ['darwin', 'win32'].includes(process.platform)
  ? startTreeWatcher
  : startFolderWatcher

function startTreeWatcher(...[root, onChange, onFailure]: Parameters<StartWatcher>): () => void {
  const watcher = watch(root, { recursive: true, persistent: true }, (_, path) => onChange(path))
  watcher.on('error', onFailure)
  return () => watcher.close()
}
