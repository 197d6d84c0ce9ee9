import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { moveJob, mutate } from '@ctxlock/ace-validators/poisoning'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { readEdits, type ReadEdits } from '@ctxlock/micro-task'

import { openEditWorktree } from '../../src/edits/edit-worktree.ts'
import { keepPatch } from '../../src/edits/run-patch.ts'
import { startJob } from '../../src/run/job.ts'
import { recordedRun } from '../../src/run/recorded-run.ts'
import { openedSession } from './governed-calls.ts'

/** An answer that writes whole files. */
export function wholeFiles(files: Readonly<Record<string, string>>): string {
  return Object.entries(files)
    .map(([path, text]) => `<mt_file path="${path}">\n${text}</mt_file>`)
    .join('\n')
}

export interface EditedRun {
  readonly runId: string
  readonly reading: ReadEdits
}

/** A run with one micro-task whose answer is accepted without a question, up to its patch: all that `apply` asks for. */
export async function editedRun(
  root: string,
  files: { readonly modify: readonly string[]; readonly create: readonly string[] },
  answer: string,
): Promise<EditedRun> {
  const session = await openedSession(root)
  let edited: EditedRun | undefined
  await recordedRun(session, 'run', async ({ runId }) => {
    const { database } = session.state
    const job = startJob(session, 'a'.repeat(64), [runId])
    const worktree = openEditWorktree(session, runId, (work) => mutate(database, job.fence, work))
    try {
      const lists = { modify: [...files.modify], create: [...files.create] }
      const reading = readEdits(answer, { files: lists, reader: worktree.reader })
      if (reading.status === 'edits' && worktree.write(reading.changes) === undefined) {
        inTransaction(database, () => {
          worktree.accept('MT-001', reading.changes)
          keepPatch(session, runId, { trace_id: crypto.randomUUID(), workflow_run_id: runId })
          moveJob(database, job.fence, 'completed')
        })
      }
      edited = { runId, reading }
      return 0
    } finally {
      worktree.close()
    }
  })
  if (!edited) throw new Error('the run did not begin')
  return edited
}

/** Makes the folder a repository with one commit of all it holds. */
export function commitAll(root: string): void {
  git(root, 'init', '-q')
  git(root, 'add', '-A')
  git(root, '-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-q', '-m', 'first')
}

export function git(root: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', root, '-c', 'init.defaultBranch=main', ...args], { encoding: 'utf8' })
}

export const textOf = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')
