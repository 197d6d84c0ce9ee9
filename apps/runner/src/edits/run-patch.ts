import { RunPatch, type EditedFile } from '@ctxlock/contracts/edits'
import type { ArtifactStore, SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { parseCanonical } from '@ctxlock/core-hash'

import type { CommandError } from '../command-error.ts'
import { likePrefix } from '../session/like-prefix.ts'
import type { Session } from '../session/session.ts'
import { storeRecord } from '../session/store-record.ts'
import { unknownId } from '../session/unknown-id.ts'
import { openEditIndex } from './accepted-edits.ts'
import { runDiff } from './run-diff.ts'

/** `begun`: an `apply` was interrupted while it replaced files. */
export type PatchState = 'ready' | 'begun' | 'applied'

export interface StoredPatch {
  readonly patch: RunPatch
  readonly ref: Hash
  readonly state: PatchState
}

/** The patch of each run that edited something. */
export interface PatchIndex {
  add(patch: RunPatch): Hash
  /** By the id of its run, a unique beginning of it, or `last`. Throws `PATCH_UNKNOWN`. */
  find(name: string): StoredPatch
  move(runId: string, state: PatchState): void
  /** Those whose `apply` was interrupted, or is under way. */
  begun(): readonly StoredPatch[]
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_patch (
  position INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, record_hash TEXT NOT NULL, state TEXT NOT NULL
) STRICT`

export function openPatchIndex(database: SqlDatabase, artifacts: ArtifactStore): PatchIndex {
  database.exec(TABLE)
  const index: PatchIndex = {
    add(patch) {
      const { content_hash } = storeRecord(artifacts, patch)
      database
        .prepare("INSERT INTO runner_patch (run_id, record_hash, state) VALUES (?, ?, 'ready')")
        .run(patch.run_id, content_hash)
      return content_hash
    },
    find(name) {
      const [row, second] = database
        .prepare(
          name === 'last'
            ? 'SELECT * FROM runner_patch ORDER BY position DESC LIMIT 1'
            : "SELECT * FROM runner_patch WHERE run_id LIKE ? || '%' ESCAPE '\\' LIMIT 2",
        )
        .all(...(name === 'last' ? [] : [likePrefix(name)]))
      if (!row || second || name === '') throw patchUnknown(name)
      const ref = String(row['record_hash'])
      const patch = RunPatch.parse(parseCanonical(artifacts.get(ref)))
      const state = row['state']
      if (patch.run_id !== row['run_id'] || (state !== 'ready' && state !== 'begun' && state !== 'applied'))
        throw patchUnknown(name)
      return { patch, ref, state }
    },
    move(runId, state) {
      database.prepare('UPDATE runner_patch SET state = ? WHERE run_id = ?').run(state, runId)
    },
    begun: () =>
      database
        .prepare("SELECT run_id FROM runner_patch WHERE state = 'begun' ORDER BY position")
        .all()
        .map(({ run_id }) => index.find(String(run_id))),
  }
  return index
}

/** The hash of the patch of a run, if it has one. */
export function patchOf(database: SqlDatabase, runId: string): Hash | undefined {
  database.exec(TABLE)
  const row = database.prepare('SELECT record_hash FROM runner_patch WHERE run_id = ?').get(runId)
  return row && String(row['record_hash'])
}

/** True while the patch of a run is to be applied, or to be applied to its end. */
export function hasOpenPatch(database: SqlDatabase, runId: string): boolean {
  database.exec(TABLE)
  return database.prepare("SELECT 1 FROM runner_patch WHERE run_id = ? AND state <> 'applied'").get(runId) !== undefined
}

/**
 * Keeps what a run changed as its patch and records it; undefined when the finished micro-tasks left every file as it was. Part of the
 * caller's transaction, once for each run. `base` names the part of the run that the process works on.
 */
export function keepPatch(
  session: Pick<Session, 'state' | 'artifacts' | 'recorder' | 'timestamp'>,
  runId: string,
  base: { readonly trace_id: string; readonly workflow_run_id: string },
): RunPatch | undefined {
  const { artifacts } = session
  const files = openEditIndex(session.state.database, artifacts).filesOf(runId)
  if (files.length === 0) return undefined
  const text = runDiff(
    files.map(({ path, before, after }) => ({
      path,
      before: before ? storedText(artifacts, before.content_hash) : undefined,
      after: storedText(artifacts, after.content_hash),
    })),
  )
  const diff = artifacts.put(Buffer.from(text), { kind: 'file', classification: 'medium' })
  const patch: RunPatch = {
    schema_version: 'ctxlock.run_patch@1',
    run_id: runId,
    created_at: session.timestamp(),
    files: [...files],
    diff,
  }
  const ref = openPatchIndex(session.state.database, artifacts).add(patch)
  session.recorder.record({
    actor: 'system',
    ...base,
    fr_event_id: 'FR-EVT-X-EDIT-004',
    type: 'patch_ready',
    payload: { patch_ref: ref, diff_ref: diff.content_hash, files: namedFiles(files) },
  })
  return patch
}

/** Files as events name them. */
export function namedFiles(files: readonly EditedFile[]) {
  return files.slice(0, 256).map(({ path, before, after }) => ({
    path,
    before_hash: before?.content_hash ?? null,
    after_hash: after.content_hash,
  }))
}

function storedText(artifacts: ArtifactStore, hash: Hash): string {
  return Buffer.from(artifacts.get(hash)).toString('utf8')
}

function patchUnknown(name: string): CommandError {
  return unknownId(name, {
    code: 'PATCH_UNKNOWN',
    what: 'run that has a patch',
    hint: 'A finished run of a task with `expected_output: patch` has one; `ctxlock runs` lists the runs.',
  })
}
