import { mutate, readJob } from '@ctxlock/ace-validators/poisoning'
import type { EditedFile } from '@ctxlock/contracts/edits'

import { namedFiles, openPatchIndex, type PatchIndex, type StoredPatch } from '../edits/run-patch.ts'
import type { Job } from '../run/job.ts'
import type { Session } from '../session/session.ts'
import { ApplyStopped, putBack, removeStaged, replaceFiles } from './apply-files.ts'
import { planApply } from './apply-plan.ts'
import { blockedBy, blockedFile, runNotEnded, runPoisoned, stoppedAt } from './apply-refusal.ts'

/** Only jobs that ended well change the person's files (VAL-070). Throws `JOB_POISONED` or `RUN_UNFINISHED`. */
export function checkRunEnded(session: Pick<Session, 'state' | 'jobs'>, runId: string): void {
  if (session.jobs.isPoisoned(runId)) throw runPoisoned(runId)
  const states = session.jobs.jobsOf(runId).map((jobId) => readJob(session.state.database, jobId)?.state)
  if (!states.some((state) => state === 'completed' || state === 'completed_with_issues')) throw runNotEnded(runId)
}

/**
 * Writes the patch of a finished run into the person's tree, all of it or nothing, in the name of `job` (VAL-069). After a crash in
 * between, a second call finishes it, or puts everything back when a file has been changed since. Returns the files it replaced. Throws
 * `TREE_CHANGED`, `PATH_NOT_PLAIN` and `APPLY_STOPPED`; whatever happens is recorded.
 */
export function applyPatch(session: Session, job: Job, runId: string, stored: StoredPatch): readonly EditedFile[] {
  const { root, artifacts } = session
  const { database } = session.state
  const patches = openPatchIndex(database, artifacts)
  const log = applyLog(session, patches, runId, stored)
  const plan = planApply(root, stored.patch)
  const blocked = blockedFile(plan)
  if (blocked) {
    const undone = stored.state === 'begun'
    mutate(database, job.fence, () => {
      if (undone) undo(session, stored)
      log.refused(blockedBy(blocked, undone).code, blocked.file.path, undone)
    })
    throw blockedBy(blocked, undone)
  }
  mutate(database, job.fence, log.begun)
  try {
    return mutate(database, job.fence, () => {
      const replaced = replaceFiles(root, stored.patch, artifacts)
      log.applied()
      return replaced
    })
  } catch (error) {
    if (!(error instanceof ApplyStopped)) throw error
    mutate(database, job.fence, () => log.refused('APPLY_STOPPED', error.path, true))
    throw stoppedAt(error.path, error.message, error)
  }
}

function undo({ root, artifacts }: Session, { patch }: StoredPatch): void {
  putBack(root, patch.files, artifacts)
  removeStaged(root, patch)
}

/** What is recorded about an `apply`, together with how far it came. */
function applyLog(
  session: Pick<Session, 'environment' | 'recorder'>,
  patches: PatchIndex,
  runId: string,
  { patch, ref }: StoredPatch,
) {
  const base = { trace_id: session.environment.random.uuid(), workflow_run_id: runId }
  const about = { patch_run_id: patch.run_id, patch_ref: ref }
  return {
    begun: () => {
      session.recorder.record({
        ...base,
        actor: 'human',
        fr_event_id: 'FR-EVT-X-EDIT-005',
        type: 'patch_apply_begun',
        payload: { ...about, files: namedFiles(patch.files) },
      })
      patches.move(patch.run_id, 'begun')
    },
    applied: () => {
      session.recorder.record({
        ...base,
        actor: 'human',
        fr_event_id: 'FR-EVT-X-EDIT-006',
        type: 'patch_applied',
        payload: { ...about, files_total: patch.files.length },
      })
      patches.move(patch.run_id, 'applied')
    },
    refused: (code: string, path: string, undone: boolean) => {
      session.recorder.record({
        ...base,
        actor: 'system',
        fr_event_id: 'FR-EVT-X-EDIT-007',
        type: 'patch_apply_refused',
        payload: { ...about, error_code: code, path, undone },
      })
      if (undone) patches.move(patch.run_id, 'ready')
    },
  }
}
