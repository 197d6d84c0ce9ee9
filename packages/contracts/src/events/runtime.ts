// Our own events around runs and calls (REC-005: every id of ours has the prefix FR-EVT-X-).
import { z } from 'zod'

import { Count, Hash, ParameterClass, Uuid } from '../primitives.ts'
import { BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { ArtifactReference, EventCode, EventIdentifier, EventReference, listOf } from './fields.ts'

const ofRun = { ...ENVELOPE, workflow_run_id: EventIdentifier }
const ofCall = { ...ofRun, job_id: EventIdentifier, step_id: EventIdentifier }

const RunHeader = z.strictObject({
  ...ofRun,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-RUN-001', 'run_header'),
  payload: z.strictObject({
    package_versions: z.array(z.strictObject({ name: EventIdentifier, version: EventIdentifier })).max(64),
    unicode_version: EventIdentifier,
    registry_hash: Hash,
    profile_id: EventIdentifier,
    profile_hash: Hash,
    node_version: EventIdentifier.exactOptional(),
    command: EventCode.exactOptional(),
    config_hash: Hash.exactOptional(),
    lockfile_hash: Hash.exactOptional(),
    redactor_version: EventIdentifier.exactOptional(),
  }),
})

/** The last event of a run. A run without it was interrupted; one whose count differs lost or gained events. */
const RunEnd = z.strictObject({
  ...ofRun,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-RUN-002', 'run_end'),
  payload: z.strictObject({
    outcome: z.enum(['completed', 'completed_with_issues', 'refused', 'failed', 'cancelled', 'poisoned']),
    exit_code: z.int().min(0).max(255),
    /** Events of this workflow_run_id, this one included. */
    events_expected: z.int().min(1),
    error_code: EventCode.exactOptional(),
  }),
})

/** Durable before the first byte of a call leaves (REC-013). */
const CallIntent = z.strictObject({
  ...ofCall,
  ...named('FR-EVT-X-CALL-001', 'call_intent'),
  payload: z.strictObject({
    call_id: Uuid,
    provider_id: EventIdentifier,
    /** Keyed digest of the origin; null for a provider without a network. */
    origin_hash: Hash.nullable(),
    model_id: EventIdentifier,
    /** Keyed digest of the request body: a plain hash of a short prompt can be guessed. */
    payload_digest: Hash,
    /** Bytes of the request body. */
    payload_size: Count,
    context_snapshot_id: Uuid,
    context_pack_binding_id: Uuid,
    request_manifest_ref: ArtifactReference,
    call_record_ref: ArtifactReference.exactOptional(),
    /** Every stored object that showing or proving this call needs. */
    artifact_refs: listOf(ArtifactReference).exactOptional(),
  }),
})

/**
 * A call an application makes itself, through ctxlock's AI SDK middleware: judged and recorded, but not built by ctxlock, so
 * there is no manifest to show it from. Durable before the model is called; settled like any other call.
 */
const SdkCallIntent = z.strictObject({
  ...ofCall,
  ...named('FR-EVT-X-CALL-003', 'sdk_call_intent'),
  payload: z.strictObject({
    call_id: Uuid,
    /** The SDK's name of the provider. */
    provider_id: EventIdentifier,
    model_id: EventIdentifier,
    /** `local` only for a model whose requests go through the checked egress to this machine. */
    backend: z.enum(['local', 'cloud']),
    /** `not_governed`: the application decided that these bytes leave; nobody was shown them. */
    consent: z.enum(['not_needed', 'not_governed']),
    /** Keyed digest of what the model is handed, and its size in bytes. */
    payload_digest: Hash,
    payload_size: Count,
    /** Files no guard could read: images, other bytes, URLs. */
    opaque_parts: Count,
    /** Hash of the versions of the scanner and the redactor that found nothing in the rest. */
    guard_set_hash: Hash,
  }),
})

const CallSettled = z.strictObject({
  ...ofCall,
  ...named('FR-EVT-X-CALL-002', 'call_settled'),
  payload: z.strictObject({
    call_id: Uuid,
    /** `abandoned`: found unsettled after a crash; whether the server answered is not known. */
    outcome: z.enum(['accepted', 'accepted_with_issues', 'rejected', 'failed', 'cancelled', 'abandoned']),
    quotations: z.strictObject({ verified: Count, repaired: Count, failed: Count }).exactOptional(),
    /** Keyed digest of the answer's text, and its size in bytes. */
    answer_digest: Hash.exactOptional(),
    answer_size: Count.exactOptional(),
    answer_ref: ArtifactReference.exactOptional(),
    finish_reason: EventCode.exactOptional(),
    truncated_by_provider: z.boolean().exactOptional(),
    /** By the config's price and the server's counts, in millionths of a US dollar; absent when either is unknown. */
    cost_micro_usd: Count.exactOptional(),
    error_code: EventCode.exactOptional(),
    artifact_refs: listOf(ArtifactReference).exactOptional(),
  }),
})

/** A value of the status line: no blank, no `=` (MT-061). */
const StatusWord = z.string().regex(/^[^\p{Cc}\p{Cs}\p{Z}=]{1,256}$/u)

const StatusLine = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-STATUS-001', 'status_line'),
  payload: z.strictObject({
    role: StatusWord,
    wp: StatusWord,
    mt: StatusWord,
    phase: z.enum([
      'BOOTSTRAP',
      'SKELETON',
      'IMPLEMENTATION',
      'HYGIENE',
      'EVALUATION',
      'HANDOFF',
      'BLOCKED',
      'FAILSTATE',
      'DONE',
    ]),
    state: z.enum(['RUNNING', 'WAITING', 'BLOCKED', 'DONE', 'FAILSTATE']),
    model: StatusWord,
    backend: z.enum(['local', 'cloud', 'none']),
    pc: z.enum([...ParameterClass.options, 'NA']),
    rs: StatusWord,
    lock: z.enum(['OK', 'CONFLICT']),
    gate: z.string().regex(/^(?:G0|G1|NONE):(?:PASS|BLOCK|PEND)$/),
    code: EventCode,
  }),
})

const FileLockConflict = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-LOCK-001', 'file_lock_conflict'),
  payload: z.strictObject({
    work_unit: EventIdentifier,
    conflicting_work_unit: EventIdentifier,
    paths: listOf(EventReference),
    code: z.literal('CX-MM-002'),
  }),
})

const NetworkExceptionUsed = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-NET-001', 'network_exception_used'),
  payload: z.strictObject({ provider_id: EventIdentifier, host_hash: Hash, rule: EventCode }),
})

const GarbageCollectionSummary = z.strictObject({
  ...ENVELOPE,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-GC-001', 'meta.gc_summary'),
  payload: z.strictObject({
    scanned: Count,
    pruned: Count,
    spared_pinned: Count,
    spared_window: Count,
    bytes_freed: Count,
    report_ref: ArtifactReference,
  }),
})

export const RUNTIME_EVENTS = [
  RunHeader,
  RunEnd,
  CallIntent,
  SdkCallIntent,
  CallSettled,
  StatusLine,
  FileLockConflict,
  NetworkExceptionUsed,
  GarbageCollectionSummary,
] as const
