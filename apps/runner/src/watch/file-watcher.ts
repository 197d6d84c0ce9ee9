import { watch } from 'node:fs'

import type { StartWatcher } from './workspace-changes.ts'

/** The system's own watcher over a whole tree. */
export const startFileWatcher: StartWatcher = (root, onChange, onFailure) => {
  const watcher = watch(root, { recursive: true, persistent: true }, (_, path) => onChange(path))
  watcher.on('error', onFailure)
  return () => watcher.close()
}
