import type { ArtifactStore, SourceReader, SqlDatabase } from '@ctxlock/contracts/ports'

import { combinedEdits, openEditIndex } from '../edits/accepted-edits.ts'

/**
 * Reads the workspace as a run has edited it so far: later micro-tasks see what earlier ones finished, and the person's files stay as
 * they are. Asked anew at each read, because edits are accepted while the run goes on.
 */
export function editedReader(
  base: SourceReader,
  database: SqlDatabase,
  artifacts: ArtifactStore,
  runId: string,
): SourceReader {
  const index = openEditIndex(database, artifacts)
  const editedBytes = (path: string): Uint8Array | undefined => {
    const edited = combinedEdits(index.of(runId)).find((file) => file.path === path)
    return edited && artifacts.get(edited.after.content_hash)
  }
  return {
    read(path, options) {
      const bytes = editedBytes(path)
      if (bytes === undefined) return base.read(path, options)
      const limit = options?.maxBytes ?? Number.POSITIVE_INFINITY
      return bytes.length > limit ? { status: 'too_large' } : { status: 'read', bytes }
    },
  }
}
