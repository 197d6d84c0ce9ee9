import { fsyncSync, renameSync, rmSync } from 'node:fs'

import type { EditedFile, RunPatch } from '@ctxlock/contracts/edits'
import type { ArtifactStore } from '@ctxlock/contracts/ports'
import { bytesHash } from '@ctxlock/core-hash'

import { inFolderOf } from '../edits/held-folder.ts'
import { readAt, stageAt } from '../edits/plain-file.ts'
import { planApply, planFile } from './apply-plan.ts'
import { blockedFile } from './apply-refusal.ts'

/** What stopped the replacing of files; those replaced before were put back. */
export class ApplyStopped extends Error {
  override readonly name = 'ApplyStopped'
  readonly path: string

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.path = path
  }
}

/** Where a file waits for its name. Always the same, so that whoever comes after a crash finds it. */
const stagedAt = (place: string) => `${place}.ctxlock.tmp`

/**
 * Replaces the files of a patch that are not replaced yet, all or none: every new file is on disk beside its place before the first takes
 * it. Returns what it replaced. Throws `ApplyStopped` when a file cannot be written or is not what the patch was made on; then all
 * are as they were.
 */
export function replaceFiles(
  root: string,
  patch: RunPatch,
  artifacts: Pick<ArtifactStore, 'get'>,
): readonly EditedFile[] {
  const plan = planApply(root, patch)
  const blocked = blockedFile(plan)
  if (blocked) throw new ApplyStopped(blocked.file.path, blocked.reason)
  const pending = plan.filter((planned) => planned.standing === 'before')
  const replaced: EditedFile[] = []
  let path = ''
  try {
    for (const { file, mode } of pending) {
      path = file.path
      const bytes = artifacts.get(file.after.content_hash)
      inFolderOf(root, path, { makeFolders: true }, (place) => stageAt(stagedAt(place), bytes, mode))
    }
    for (const { file } of pending) {
      path = file.path
      takePlace(root, file)
      replaced.push(file)
      if (planFile(root, file).standing !== 'after') throw new Error('it is not what was written')
    }
    removeStaged(root, patch)
    return replaced
  } catch (error) {
    putBack(root, replaced, artifacts)
    removeStaged(root, patch)
    throw new ApplyStopped(path, error instanceof Error ? error.message : 'it could not be replaced', { cause: error })
  }
}

/** Puts back what a patch replaced, as far as nobody has changed it again since. */
export function putBack(root: string, files: readonly EditedFile[], artifacts: Pick<ArtifactStore, 'get'>): void {
  for (const file of files) {
    const planned = planFile(root, file)
    if (planned.standing !== 'after') continue
    inFolderOf(root, file.path, { makeFolders: false }, (place, folder) => {
      if (file.before) {
        stageAt(stagedAt(place), artifacts.get(file.before.content_hash), planned.mode)
        renameSync(stagedAt(place), place)
      } else {
        rmSync(place)
      }
      fsyncSync(folder)
    })
  }
}

/** Removes what an interrupted `apply` staged. */
export function removeStaged(root: string, { files }: RunPatch): void {
  for (const { path } of files) {
    try {
      inFolderOf(root, path, { makeFolders: false }, (place) => rmSync(stagedAt(place), { force: true }))
    } catch {
      // The way to it is no plain folder any more; nothing of ours can be reached by it.
    }
  }
}

/** Looks once more, in the folder that is held open, and renames at once. */
function takePlace(root: string, { path, before }: EditedFile): void {
  inFolderOf(root, path, { makeFolders: false }, (place, folder) => {
    const found = readAt(place)
    if ((found && bytesHash(found.bytes)) !== before?.content_hash) throw new Error('it changed while it was looked at')
    renameSync(stagedAt(place), place)
    fsyncSync(folder)
  })
}
