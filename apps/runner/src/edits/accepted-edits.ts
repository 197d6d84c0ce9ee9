import { AcceptedEdits, type EditedFile } from '@ctxlock/contracts/edits'
import type { ArtifactStore, SqlDatabase } from '@ctxlock/contracts/ports'
import { parseCanonical } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { storeRecord } from '../session/store-record.ts'

/**
 * The edits of the finished micro-tasks of runs. They are the truth about what a run changed; its worktree is only a place. The process
 * that works on a run has one index of it: what was read is remembered until edits are added here.
 */
export interface EditIndex {
  /** Keeps the edits; the same ones once more change nothing, others of the same micro-task throw `EDITS_DIFFER`. */
  add(edits: AcceptedEdits): void
  /** What one run changed, each file once: from what it was before the first edit to what it is after the last. */
  filesOf(runId: string): readonly EditedFile[]
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_edit (
  position INTEGER PRIMARY KEY, run_id TEXT NOT NULL, mt_id TEXT NOT NULL, record_hash TEXT NOT NULL, UNIQUE (run_id, mt_id)
) STRICT`

export function openEditIndex(database: SqlDatabase, artifacts: ArtifactStore): EditIndex {
  database.exec(TABLE)
  // By the hash of the record.
  const parsed = new Map<string, AcceptedEdits>()
  // Asked at every read of a file.
  let known: { readonly runId: string; readonly files: readonly EditedFile[] } | undefined
  const read = (hash: string): AcceptedEdits => {
    const edits = parsed.get(hash) ?? AcceptedEdits.parse(parseCanonical(artifacts.get(hash)))
    parsed.set(hash, edits)
    return edits
  }
  return {
    add(edits) {
      const { content_hash } = storeRecord(artifacts, edits)
      const kept = database
        .prepare('SELECT record_hash FROM runner_edit WHERE run_id = ? AND mt_id = ?')
        .get(edits.run_id, edits.mt_id)
      if (kept && kept['record_hash'] !== content_hash) throw editsDiffer(edits.mt_id)
      parsed.set(content_hash, edits)
      database
        .prepare('INSERT OR IGNORE INTO runner_edit (run_id, mt_id, record_hash) VALUES (?, ?, ?)')
        .run(edits.run_id, edits.mt_id, content_hash)
      known = undefined
    },
    filesOf(runId) {
      if (known?.runId === runId) return known.files
      const accepted = database
        .prepare('SELECT record_hash FROM runner_edit WHERE run_id = ? ORDER BY position')
        .all(runId)
        .map(({ record_hash }) => read(String(record_hash)))
      const files = combinedEdits(accepted)
      // What an open transaction has added may be undone.
      if (!database.isTransaction) known = { runId, files }
      return files
    },
  }
}

/** Files that came back to the same bytes are left out. */
function combinedEdits(accepted: readonly AcceptedEdits[]): EditedFile[] {
  const files = new Map<string, EditedFile>()
  for (const file of accepted.flatMap((edits) => edits.files)) {
    const first = files.get(file.path)
    files.set(file.path, first ? { ...file, kind: first.kind, before: first.before } : file)
  }
  return [...files.values()].filter(({ before, after }) => before?.content_hash !== after.content_hash).sort(byPath)
}

function byPath(left: EditedFile, right: EditedFile): number {
  return left.path < right.path ? -1 : 1
}

export function editsDiffer(mtId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'EDITS_DIFFER',
    message: `${mtId} has other edits on record than those that were just accepted`,
    hint: 'Run `ctxlock verify`.',
  })
}
