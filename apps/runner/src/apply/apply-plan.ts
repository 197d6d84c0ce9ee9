import type { EditedFile, RunPatch } from '@ctxlock/contracts/edits'
import { bytesHash } from '@ctxlock/core-hash'

import { NotPlain } from '../edits/held-folder.ts'
import { readPlainFile } from '../edits/plain-file.ts'

/** What a file of the person's tree is to the patch now, by content. */
export type PlannedFile = { readonly file: EditedFile } & (
  | { readonly standing: 'before'; readonly mode: number; readonly otherNames: number }
  /** It has the bytes of the patch already: an interrupted `apply` replaced it, or a person did the same. */
  | { readonly standing: 'after'; readonly mode: number }
  | { readonly standing: 'changed' | 'not_plain'; readonly reason: string }
)

/** A new file is a plain one: no edit makes a file executable. */
const NEW_FILE_MODE = 0o644

/** Looks at every file of the patch in the person's tree, through plain folders only. */
export function planApply(root: string, patch: RunPatch): PlannedFile[] {
  return patch.files.map((file) => planFile(root, file))
}

export function planFile(root: string, file: EditedFile): PlannedFile {
  try {
    const found = readPlainFile(root, file.path)
    const hash = found && bytesHash(found.bytes)
    if (hash === file.before?.content_hash)
      return { file, standing: 'before', mode: found?.mode ?? NEW_FILE_MODE, otherNames: (found?.names ?? 1) - 1 }
    if (hash === file.after.content_hash) return { file, standing: 'after', mode: found?.mode ?? NEW_FILE_MODE }
    return { file, standing: 'changed', reason: changeOf(found !== undefined, file) }
  } catch (error) {
    if (error instanceof NotPlain) return { file, standing: 'not_plain', reason: error.message }
    throw error
  }
}

function changeOf(isThere: boolean, { before }: EditedFile): string {
  if (!isThere) return 'it is gone'
  return before ? 'its content changed since the run began' : 'it is there now, and the run was to create it'
}
