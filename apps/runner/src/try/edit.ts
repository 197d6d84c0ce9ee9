import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { LockfileCheck } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import { checkWorkspace } from '../lock/workspace-check.ts'
import type { WorkspaceChanges } from '../watch/workspace-changes.ts'
import { changedLines, type ChangedLines } from './changed-lines.ts'
import { policyOutcomes, type PolicyOutcome } from './policy-outcomes.ts'

export interface EditOutcome {
  readonly path: string
  readonly old_hash: string
  /** Absent when the file was removed. */
  readonly new_hash?: string
  readonly lines?: ChangedLines
  readonly policies: readonly PolicyOutcome[]
}

/** One edit in a copy of the tree that is ours: a line is added to the first packed source. */
export function editCopy(copy: string, lockfile: Lockfile): void {
  const source = lockfile.sources.find((candidate) => 'pack' in candidate)
  if (!source) return
  const path = join(copy, source.path)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, `${text}${text.endsWith('\n') ? '' : '\n'}one line that was not there before\n`)
}

/** Waits until a locked source of a folder has other content, or is gone. New files alone leave what was locked as it was. */
export async function waitForEdit(root: string, lockfile: Lockfile, changes: WorkspaceChanges): Promise<LockfileCheck> {
  for (;;) {
    const check = await checkWorkspace(root, lockfile, () => {})
    if (check.sources.some(({ change }) => change !== 'added')) return check
    await changes.next()
  }
}

/** What an edit means: the first changed source with its lines, and what each policy does about its pack. */
export async function editOutcome(
  { sources }: LockfileCheck,
  unchanged: string,
  edited: string,
): Promise<EditOutcome | undefined> {
  const change = sources.find((candidate) => candidate.change !== 'added')
  if (!change || change.old_hash === undefined) return undefined
  const { path, old_hash, new_hash } = change
  const lines = changedLines(bytesOf(unchanged, path), bytesOf(edited, path))
  return {
    path,
    old_hash,
    ...(new_hash !== undefined && { new_hash }),
    ...(lines && { lines }),
    policies: await policyOutcomes(path, unchanged, edited),
  }
}

function bytesOf(folder: string, path: string): Uint8Array {
  try {
    return readFileSync(join(folder, path))
  } catch {
    return new Uint8Array()
  }
}
