import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type {
  AcceptedEdits,
  EditWorktree,
  EditedFile,
  FileChange,
  Refusal,
  WorktreeRefusalCode,
} from '@ctxlock/contracts/edits'
import { bytesHash } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import { openEditIndex, type EditIndex } from './accepted-edits.ts'
import { scratchOf } from '../verification/command-folders.ts'
import { stateIsLinked } from '../workspace/linked-state.ts'
import { openRunOwner } from '../workspace/run-owner.ts'
import { worktreesOf } from './abandoned-worktrees.ts'
import { addGitWorktree, removeWorktree } from './git-worktree.ts'
import { NotPlain } from './held-folder.ts'
import { readPlainFile, replacePlainFile, updatePlainFile } from './plain-file.ts'
import { copyWorkspace, type Gate } from './run-copy.ts'

export interface OpenWorktree extends EditWorktree {
  readonly folder: string
  readonly isGitWorktree: boolean
  close(): void
}

/** A file as a patch keeps it; new ones are plain, no edit makes a file executable. */
const NEW_FILE_MODE = 0o644

/**
 * Opens a worktree for a run under the state folder, from the person's files and what the run accepted so far. It is this process's own,
 * named by an owner that lives as long: nothing of a half-written tree is gone on with after a crash, and whoever finds it knows
 * whether it is in use. Throws `BASE_CHANGED` when the person changed a file that the run has edited.
 */
export function openEditWorktree(
  session: Pick<Session, 'root' | 'state' | 'artifacts' | 'environment'>,
  runId: string,
  gate: Gate,
  index: EditIndex = openEditIndex(session.state.database, session.artifacts),
): OpenWorktree {
  const { root, artifacts } = session
  const owner = openRunOwner(session.state.folder, session.environment.random.uuid())
  const folder = join(worktreesOf(session.state.folder), owner.id)
  const { gitFile, copy } = filled()
  const reader = createWorkspaceReader(folder)

  return {
    folder,
    isGitWorktree: gitFile !== undefined,
    reader,
    restore() {
      gate(() => {
        copy.restore(new Set(index.filesOf(runId).map(({ path }) => path)))
        restoreGitFile()
        writeAccepted()
      })
    },
    // All are looked at before one is written.
    write: (changes) => gate(() => refusalOf(changes, look) ?? refusalOf(changes, put)),
    accept(mtId, changes) {
      const edits: AcceptedEdits = {
        schema_version: 'ctxlock.accepted_edits@1',
        run_id: runId,
        mt_id: mtId,
        files: changes.map(storedFile),
      }
      index.add(edits)
      return edits
    },
    close,
  }

  function close(): void {
    removeWorktree(root, folder)
    rmSync(scratchOf(folder), { recursive: true, force: true })
    owner.close()
  }

  function filled() {
    try {
      gate(() => mkdirSync(folder, { recursive: true }))
      if (realpathSync(folder) !== join(worktreesOf(realpathSync(session.state.folder)), owner.id))
        throw stateIsLinked(folder)
      const entry = gate(() => addGitWorktree(root, folder))
      const copied = copyWorkspace(root, folder, new Set(['.git']), gate)
      checkBases()
      gate(() => writeAccepted())
      return { gitFile: entry, copy: copied }
    } catch (error) {
      close()
      throw error
    }
  }

  /** A command may have made it name another repository. */
  function restoreGitFile(): void {
    if (gitFile) replacePlainFile(folder, '.git', gitFile, NEW_FILE_MODE)
  }

  function checkBases(): void {
    for (const { path, before } of index.filesOf(runId)) {
      const file = readPlainFile(folder, path)
      if ((file && bytesHash(file.bytes)) !== before?.content_hash) throw baseChanged(path)
    }
  }

  function writeAccepted(): void {
    for (const { path, after } of index.filesOf(runId))
      updatePlainFile(folder, path, artifacts.get(after.content_hash), NEW_FILE_MODE)
  }

  /** In the person's tree too: there `apply` would refuse it later. */
  function look({ path, before }: FileChange): Refusal<WorktreeRefusalCode> | undefined {
    readPlainFile(root, path)
    const file = readPlainFile(folder, path)
    const base = file && Buffer.from(file.bytes)
    const isBase = before === undefined ? base === undefined : base?.equals(Buffer.from(before)) === true
    return isBase ? undefined : notTheBase(path)
  }

  /** What one change makes may stand in the way of the next. */
  function put({ path, after }: FileChange): undefined {
    updatePlainFile(folder, path, Buffer.from(after), NEW_FILE_MODE)
  }

  function storedFile({ path, kind, before, after }: FileChange): EditedFile {
    const store = (text: string) => artifacts.put(Buffer.from(text), { kind: 'file', classification: 'medium' })
    return { path, kind, before: before === undefined ? null : store(before), after: store(after) }
  }
}

function refusalOf(
  changes: readonly FileChange[],
  make: (change: FileChange) => Refusal<WorktreeRefusalCode> | undefined,
): Refusal<WorktreeRefusalCode> | undefined {
  for (const change of changes) {
    try {
      const refusal = make(change)
      if (refusal) return refusal
    } catch (error) {
      if (error instanceof NotPlain) return notPlain(change.path, error)
      throw error
    }
  }
  return undefined
}

function notPlain(path: string, { code, message }: NotPlain): Refusal<WorktreeRefusalCode> {
  return {
    code,
    subject: path,
    expected: 'a plain file in plain folders of the workspace',
    came: message,
    next: 'A person has to take this file out of the task.',
  }
}

function notTheBase(path: string): Refusal<WorktreeRefusalCode> {
  return {
    code: 'BASE_CHANGED',
    subject: path,
    expected: 'the file the edit was made on',
    came: 'other bytes',
    next: 'Make the edit again on the file as it is now.',
  }
}

export function baseChanged(path: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.stale,
    code: 'BASE_CHANGED',
    message: `${path} changed since the run edited a copy of it`,
    hint: 'Put the file back as it was and resume, or start a new run on what is there now.',
  })
}
