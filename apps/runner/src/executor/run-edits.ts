import { isDeepStrictEqual } from 'node:util'

import { mutate } from '@ctxlock/ace-validators/poisoning'
import type { CommandRefusalCode, FileChange, Refusal } from '@ctxlock/contracts/edits'
import { RequestManifest } from '@ctxlock/contracts/call'
import { RetrievalTrace } from '@ctxlock/contracts/retrieval'
import type { TriedFile } from '@ctxlock/contracts/micro-task-iteration'
import { fileSourceId } from '@ctxlock/contracts/references'
import { bytesHash, canonicalHash } from '@ctxlock/core-hash'
import { readEdits, type IterationRequest, type PatchPorts } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { editsDiffer, type EditIndex } from '../edits/accepted-edits.ts'
import { bindingPaths } from '../edits/binding-paths.ts'
import { baseChanged, openEditWorktree } from '../edits/edit-worktree.ts'
import { keepPatch } from '../edits/run-patch.ts'
import { shownWhole } from '../edits/shown-whole.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import {
  grantedTo,
  recordCapabilityViolation,
  requireCapabilities,
  type ViolatingWork,
} from '../governed-call/packs/capability-gate.ts'
import type { Job } from '../run/job.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { readRecord } from '../session/stored-records.ts'
import { openCommandProcesses } from '../verification/command-processes.ts'
import { findSandbox } from '../verification/sandbox/find-sandbox.ts'
import { createVerificationRunner } from '../verification/verification-runner.ts'

/** The edits of one run: tried in its worktree, kept when their micro-task is complete, a patch in the end. */
export interface RunEdits {
  /**
   * For judging the answer to a call, which is an edit of the files as that call showed them: judging throws `BASE_CHANGED` where another
   * process made the call and somebody changed one of them since.
   */
  portsFor(request: IterationRequest, callId: string, signal: AbortSignal): PatchPorts
  /** What the last attempt wanted changed, by hash; nothing where another process tried it. */
  tried(): readonly TriedFile[]
  /**
   * Keeps the edits of the answer that completed a micro-task, which are those it was checked with. Part of the caller's transaction.
   * Throws `BASE_CHANGED` where somebody changed one of the files meanwhile, and `EDITS_DIFFER`.
   */
  accept(mtId: string, answer: string, checked: readonly TriedFile[]): void
  /** Keeps the patch of the run. Part of the caller's transaction. */
  finish(): void
  /** Ends commands that still run, then removes the worktree. */
  close(): Promise<void>
}

/** The run whose micro-tasks edit files. */
interface EditingRun {
  readonly session: Session
  readonly ids: Pick<RunIds, 'runId'>
  readonly runId: string
  readonly job: Job
  readonly subjects: readonly CallSubject[]
}

interface EditParts {
  readonly index: EditIndex
  /** Ids of the calls that this process made. */
  readonly madeNow: ReadonlySet<string>
  readonly allowUnsandboxed: boolean
}

/** The rest says that this machine cannot run the command, not that it may not be run. */
const COMMAND_VIOLATIONS: ReadonlySet<CommandRefusalCode> = new Set([
  'COMMAND_MALFORMED',
  'COMMAND_NOT_ALLOWED',
  'COMMAND_DESTRUCTIVE',
])

/** True when a micro-task of the run edits files or has commands to run. */
export function needsWorktree({ subjects }: Pick<EditingRun, 'subjects'>): boolean {
  return subjects.some(
    ({ definition: { verify, files } }) => verify.length + files.modify.length + files.create.length > 0,
  )
}

/** Opens the worktree and asks about every command before anything runs (MT-052). Throws what forbids a command. */
export async function openRunEdits(
  run: EditingRun,
  { index, madeNow, allowUnsandboxed }: EditParts,
): Promise<RunEdits> {
  const { session, job, runId, subjects } = run
  const { database } = session.state
  const traceId = session.environment.random.uuid()
  const worktree = openEditWorktree(session, runId, (work) => mutate(database, job.fence, work), index)
  const processes = openCommandProcesses()
  const verification = createVerificationRunner({
    session,
    job,
    runId: run.ids.runId,
    traceId,
    worktree: worktree.folder,
    variables: process.env,
    processes,
    sandbox: findSandbox(),
    allowUnsandboxed,
  })
  const protectedPaths = bindingPaths(session, runId)
  const work = { jobId: job.jobId, runId: run.ids.runId }
  const [refusal] = await verification.check(subjects.flatMap(({ definition }) => definition.verify))
  if (refusal) {
    worktree.close()
    throw refusedCommand(session, work, refusal)
  }
  const base = {
    actor: 'system' as const,
    trace_id: traceId,
    job_id: job.jobId,
    workflow_run_id: run.ids.runId,
  }
  /** The edits of the last attempt, which is the one that completes a micro-task; none when another process made it. */
  let tried: { readonly mtId: string; readonly changes: readonly FileChange[] } | undefined

  return {
    portsFor({ stepId, definition }, callId, signal) {
      tried = undefined
      const role = subjects.find((subject) => subject.definition.mt_id === definition.mt_id)?.role
      if (role) requireCapabilities(session, { ...work, stepId }, grantedTo(session, role), role, definition)
      return { worktree, verification, protectedPaths, isShownWhole, signal, onRefused, onTried }

      function isShownWhole(path: string, text: string): boolean {
        return shownWhole(readRecord(session, session.calls.find(callId).retrieval_trace, RetrievalTrace), path, text)
      }

      function onRefused({ code, subject }: Refusal, scopeViolation: boolean): void {
        if (scopeViolation) {
          recordCapabilityViolation(session, { ...work, stepId }, code, [subject ?? ''], 'running')
        }
        session.recorder.record({
          ...base,
          step_id: stepId,
          fr_event_id: 'FR-EVT-X-EDIT-001',
          type: 'edits_refused',
          payload: { error_code: code, scope_violation: scopeViolation, ...(subject !== undefined && { subject }) },
        })
      }

      function onTried(changes: readonly FileChange[], repairedHunks: number): void {
        demandShown(callId, changes)
        tried = { mtId: definition.mt_id, changes }
        // The commands that follow wait for the disk, and so does the record of the iteration.
        session.state.unsynced(() =>
          session.recorder.record({
            ...base,
            step_id: stepId,
            fr_event_id: 'FR-EVT-X-EDIT-002',
            type: 'edits_tried',
            payload: { files: changes.map(triedFile), repaired_hunks: repairedHunks },
          }),
        )
      }
    },
    tried: () => (tried?.changes ?? []).map(triedFile),
    accept(mtId, answer, checked) {
      if (checked.length === 0) return
      const changes = tried?.mtId === mtId ? tried.changes : changesOf(mtId, answer, checked)
      const accepted = worktree.accept(mtId, changes)
      session.recorder.record({
        ...base,
        fr_event_id: 'FR-EVT-X-EDIT-003',
        type: 'edits_accepted',
        payload: { mt_id: mtId, accepted_ref: canonicalHash(accepted), files_total: accepted.files.length },
      })
    },
    finish: () => void keepPatch(session, runId, { trace_id: traceId, workflow_run_id: run.ids.runId }),
    async close() {
      await processes.close()
      worktree.close()
    },
  }

  function demandShown(callId: string, changes: readonly FileChange[]): void {
    // The copy stood before a call of this process: what changes meanwhile is refused by `apply`.
    if (madeNow.has(callId)) return
    const { parts } = readRecord(session, session.calls.find(callId).request_manifest, RequestManifest)
    for (const { path, before_hash } of changes.map(triedFile)) {
      const id = fileSourceId(path)
      const isOther = parts.some(
        (part) => part.part === 'source' && part.source_id === id && part.source_hash !== before_hash,
      )
      if (isOther) throw baseChanged(path)
    }
  }

  /** What an answer changes that another process checked, on files that are still what it was checked on. */
  function changesOf(mtId: string, answer: string, checked: readonly TriedFile[]): readonly FileChange[] {
    const definition = subjects.find((subject) => subject.definition.mt_id === mtId)?.definition
    const { reader } = worktree
    worktree.restore()
    for (const { path, before_hash } of checked) {
      const file = reader.read(path)
      if ((file.status === 'read' ? bytesHash(file.bytes) : null) !== before_hash) throw baseChanged(path)
    }
    const edits = definition && readEdits(answer, { files: definition.files, protectedPaths, reader })
    if (edits?.status !== 'edits' || !isDeepStrictEqual(edits.changes.map(triedFile), checked)) throw editsDiffer(mtId)
    return edits.changes
  }
}

function refusedCommand(
  session: Session,
  work: ViolatingWork,
  { code, subject = '', expected, came, next }: Refusal<CommandRefusalCode>,
): CommandError {
  if (COMMAND_VIOLATIONS.has(code)) recordCapabilityViolation(session, work, code, [subject], 'failed')
  return new CommandError({
    exit: EXIT_CODE.refused,
    code,
    message: `a verification command may not run: expected ${expected}, got ${came}`,
    hint: next,
  })
}

function triedFile({ path, before, after }: FileChange): TriedFile {
  const hash = (text: string) => bytesHash(Buffer.from(text))
  return { path, before_hash: before === undefined ? null : hash(before), after_hash: hash(after) }
}
