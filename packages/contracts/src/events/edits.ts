// Edits of a run, the commands that judge them, and their way into the person's tree. The ids are ours (REC-005).
import { z } from 'zod'

import { Isolation } from '../edits.ts'
import { Count, Hash } from '../primitives.ts'
import { BY_HUMAN, BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { ArtifactReference, EventCode, EventIdentifier, EventReference, EventText, Milliseconds } from './fields.ts'

const ofRun = { ...ENVELOPE, workflow_run_id: EventIdentifier }
const ofStep = { ...ofRun, job_id: EventIdentifier, step_id: EventIdentifier }

const Files = z
  .array(z.strictObject({ path: EventReference, before_hash: Hash.nullable(), after_hash: Hash }))
  .min(1)
  .max(256)

const EditsRefused = z.strictObject({
  ...ofStep,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EDIT-001', 'edits_refused'),
  payload: z.strictObject({
    error_code: EventCode,
    /** The file it is about, as the answer named it. */
    subject: EventText.exactOptional(),
    scope_violation: z.boolean(),
  }),
})

/** Recorded before anything is written to the worktree (MT-056). */
const EditsTried = z.strictObject({
  ...ofStep,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EDIT-002', 'edits_tried'),
  payload: z.strictObject({ files: Files, repaired_hunks: Count }),
})

const EditsAccepted = z.strictObject({
  ...ofRun,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EDIT-003', 'edits_accepted'),
  payload: z.strictObject({ mt_id: EventIdentifier, accepted_ref: ArtifactReference, files_total: Count }),
})

const PatchReady = z.strictObject({
  ...ofRun,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EDIT-004', 'patch_ready'),
  payload: z.strictObject({ patch_ref: ArtifactReference, diff_ref: ArtifactReference, files: Files }),
})

/** Durable before the first file of the person's tree is replaced; without 006 or 007 behind it, `apply` was interrupted. */
const ApplyBegun = z.strictObject({
  ...ofRun,
  ...BY_HUMAN,
  ...named('FR-EVT-X-EDIT-005', 'patch_apply_begun'),
  payload: z.strictObject({ patch_run_id: EventIdentifier, patch_ref: ArtifactReference, files: Files }),
})

const Applied = z.strictObject({
  ...ofRun,
  ...BY_HUMAN,
  ...named('FR-EVT-X-EDIT-006', 'patch_applied'),
  payload: z.strictObject({ patch_run_id: EventIdentifier, patch_ref: ArtifactReference, files_total: Count }),
})

const ApplyRefused = z.strictObject({
  ...ofRun,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EDIT-007', 'patch_apply_refused'),
  payload: z.strictObject({
    patch_run_id: EventIdentifier,
    patch_ref: ArtifactReference,
    error_code: EventCode,
    path: EventReference.exactOptional(),
    /** True when files had been replaced already and were put back. */
    undone: z.boolean(),
  }),
})

/** Recorded before the command starts (MT-056). */
const CommandPlanned = z.strictObject({
  ...ofStep,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EXEC-001', 'command_planned'),
  payload: z.strictObject({ operation_ref: ArtifactReference, spec_index: Count, isolation: Isolation }),
})

const CommandRefused = z.strictObject({
  ...ofStep,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EXEC-002', 'command_refused'),
  payload: z.strictObject({ error_code: EventCode, subject: EventText.exactOptional() }),
})

const UnsandboxedAllowed = z.strictObject({
  ...ofRun,
  ...BY_HUMAN,
  ...named('FR-EVT-X-EXEC-003', 'unsandboxed_allowed'),
  payload: z.strictObject({ allowed_by: z.literal('flag') }),
})

const CommandEnded = z.strictObject({
  ...ofStep,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-EXEC-004', 'command_ended'),
  payload: z.strictObject({
    spec_index: Count,
    exit_code: z.int().nullable(),
    failure: z.enum(['timeout', 'output_limit', 'memory_limit', 'cancelled', 'not_started']).exactOptional(),
    duration_ms: Milliseconds,
    /** Bytes it wrote, whatever was kept of them. */
    output_bytes: Count,
    stdout_ref: ArtifactReference.exactOptional(),
    stderr_ref: ArtifactReference.exactOptional(),
  }),
})

export const EDIT_EVENTS = [
  EditsRefused,
  EditsTried,
  EditsAccepted,
  PatchReady,
  ApplyBegun,
  Applied,
  ApplyRefused,
  CommandPlanned,
  CommandRefused,
  UnsandboxedAllowed,
  CommandEnded,
] as const
