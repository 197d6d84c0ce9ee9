import type { ArtifactStore, SourceLoan, SourceReader } from '@ctxlock/contracts/ports'

import type { EditIndex } from '../edits/accepted-edits.ts'

/** The workspace as a run has edited it so far. */
export interface EditedWorkspace {
  readonly reader: SourceReader
  /** Files that are no longer what indexes of the workspace say of them. */
  readonly edited: ReadonlySet<string>
}

/**
 * Later micro-tasks see what earlier ones finished, and the person's files stay as they are. Asked anew at each look, because
 * edits are accepted while the run goes on.
 */
export function editedWorkspace(
  base: SourceReader,
  index: EditIndex,
  artifacts: ArtifactStore,
  runId: string,
): EditedWorkspace {
  const files = () => index.filesOf(runId)
  const { lend } = base
  const editedBytes = (path: string): Uint8Array | undefined => {
    const edited = files().find((file) => file.path === path)
    return edited && artifacts.get(edited.after.content_hash)
  }
  return {
    reader: {
      read(path, options) {
        const bytes = editedBytes(path)
        if (bytes === undefined) return base.read(path, options)
        const limit = options?.maxBytes ?? Number.POSITIVE_INFINITY
        return bytes.length > limit ? { status: 'too_large' } : { status: 'read', bytes }
      },
      ...(lend && {
        lend<Result>(path: string, use: (bytes: Uint8Array) => Result): SourceLoan<Result> {
          const bytes = editedBytes(path)
          return bytes === undefined ? lend(path, use) : { status: 'read', result: use(bytes) }
        },
      }),
    },
    get edited() {
      return new Set(files().map(({ path }) => path))
    },
  }
}
