// What becomes of the edits in an answer: the records of a patch, and the ports to the folder they are tried in and to the
// commands that judge them (spec 08 sections 8, 9 and 12).
import { z } from 'zod'

import type { ValidationResult } from './micro-task-run.ts'
import { MicroTaskId } from './micro-task.ts'
import type { VerificationSpec } from './packs.ts'
import type { SourceReader } from './ports.ts'
import { RelativePath, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle } from './references.ts'

/** How far the commands were kept from the rest of the machine. */
export const Isolation = z
  .enum([
    /** No network; only the worktree can be written; every process ends with the command. */
    'bubblewrap',
    /** The same by the kernel's namespaces, set up with `unshare` and `mount`. */
    'namespaces',
    /** Nothing but limits: a person allowed it with `--allow-unsandboxed`. */
    'none',
  ])
  .meta({ id: 'Isolation' })
export type Isolation = z.infer<typeof Isolation>

/** One file as a patch leaves it. */
export const EditedFile = z
  .strictObject({
    path: RelativePath,
    kind: z.enum(['modify', 'create']),
    /** What the edit was made on; null for a file that was not there. */
    before: ArtifactHandle.nullable(),
    after: ArtifactHandle,
  })
  .meta({ id: 'EditedFile' })
export type EditedFile = z.infer<typeof EditedFile>

/** The edits of one micro-task that passed its validation. */
export const AcceptedEdits = z
  .strictObject({
    schema_version: z.literal('ctxlock.accepted_edits@1'),
    run_id: Uuid,
    mt_id: MicroTaskId,
    files: z.array(EditedFile).min(1).max(8),
  })
  .meta({ id: 'AcceptedEdits' })
export type AcceptedEdits = z.infer<typeof AcceptedEdits>

/** What a run proposes to change in the person's tree, each file once. Only `ctxlock apply` writes it there. */
export const RunPatch = z
  .strictObject({
    schema_version: z.literal('ctxlock.run_patch@1'),
    run_id: Uuid,
    created_at: Timestamp,
    files: z.array(EditedFile).min(1),
    /** The same as a unified diff, for people and for other tools. */
    diff: ArtifactHandle,
  })
  .meta({ id: 'RunPatch' })
export type RunPatch = z.infer<typeof RunPatch>

/** One file as an answer wants it: all of its text, whatever form the answer had. */
export interface FileChange {
  readonly path: string
  readonly kind: 'modify' | 'create'
  /** The text the edit was made on; undefined for a new file. */
  readonly before: string | undefined
  readonly after: string
}

/** Something that is not done, in words for whoever can mend it: the model in its next attempt, or the person. */
export interface Refusal<Code extends string = string> {
  readonly code: Code
  /** What it is about, as it came; printable, at most 200 characters. */
  readonly subject?: string
  readonly expected: string
  readonly came: string
  readonly next: string
}

export type WorktreeRefusalCode =
  /** Something other than a plain folder or file stands on the way: a symlink, a device, a submodule. */
  | 'PATH_NOT_PLAIN'
  /** Another name in the folder differs only in case or in Unicode form. */
  | 'PATH_COLLISION'
  /** The file is not what the edit was made on. */
  | 'BASE_CHANGED'

/**
 * A folder with the person's files as they were when the run began and the accepted edits over them. It can be thrown away at any
 * time: what counts is stored with the run. Nothing in it reaches the person's own files.
 */
export interface EditWorktree {
  /** What the next attempt is made on. */
  readonly reader: SourceReader
  /** Makes the tree what was accepted, whatever an earlier attempt or its commands left. */
  restore(): void
  /** Writes the changes over what `restore` made; nothing runs in between. */
  write(changes: readonly FileChange[]): Refusal<WorktreeRefusalCode> | undefined
  /** Keeps the changes as those of a finished micro-task. Part of the caller's transaction; the same ones may be given twice. */
  accept(mtId: string, changes: readonly FileChange[]): AcceptedEdits
}

export type CommandRefusalCode =
  | 'COMMAND_MALFORMED'
  | 'COMMAND_NOT_ALLOWED'
  | 'COMMAND_DESTRUCTIVE'
  | 'EXECUTABLE_MISSING'
  | 'SANDBOX_UNAVAILABLE'

/** Why a command ended without an exit code of its own; stands in `spec_results[].error`. */
export type CommandFailure = 'timeout' | 'output_limit' | 'memory_limit' | 'cancelled' | 'not_started'

export type VerificationOutcome =
  | { readonly status: 'ran'; readonly isolation: Isolation; readonly result: ValidationResult }
  /** A capability violation (MT-056): nothing was run. */
  | { readonly status: 'refused'; readonly refusals: readonly Refusal<CommandRefusalCode>[] }

export interface VerificationRequest {
  readonly specs: readonly VerificationSpec[]
  /** Step of the micro-task, for the record. */
  readonly stepId: string
  /** Ends every process at once. */
  readonly signal?: AbortSignal
  /** 2 for the one repetition after a timeout; no timeout exceeds 300,000 ms. */
  readonly timeoutFactor?: number
}

/** Runs the commands of a task in the worktree, and no others (MT-054). */
export interface VerificationRunner {
  /** What forbids the commands, without running one: asked before a job starts and before each iteration (MT-052). */
  check(specs: readonly VerificationSpec[]): Promise<readonly Refusal<CommandRefusalCode>[]>
  run(request: VerificationRequest): Promise<VerificationOutcome>
}
