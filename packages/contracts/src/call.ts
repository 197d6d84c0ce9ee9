import { z } from 'zod'

import { RoleConfig } from './config.ts'
import { StaleHandling } from './freshness.ts'
import { MicroTaskDefinition } from './micro-task.ts'
import { Count, Hash, Identifier, SourceId, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle } from './references.ts'

/**
 * How one request body is put together from content-addressed parts, so that `show` can rebuild the bytes without a copy
 * of them: a literal is an artifact; a source part is a line range of a workspace file at a recorded hash, JSON-escaped as
 * it stood in the body.
 */
export const RequestPart = z.discriminatedUnion('part', [
  z.strictObject({ part: z.literal('literal'), artifact: Hash, length: Count }),
  z.strictObject({
    part: z.literal('source'),
    source_id: SourceId,
    source_hash: Hash,
    start_line: z.int().min(1),
    end_line: z.int().min(1),
    /** UTF-16 units of the lines that were taken; fewer than the lines hold when a line had to be cut. */
    text_code_units: Count,
    text_hash: Hash,
    length: Count,
  }),
])
export type RequestPart = z.infer<typeof RequestPart>

export const RequestManifest = z
  .strictObject({
    schema_version: z.literal('ctxlock.request_manifest@1'),
    payload_sha256: Hash,
    payload_bytes: Count,
    provider_id: Identifier,
    model_id: Identifier,
    parts: z.array(RequestPart).min(1),
  })
  .meta({ id: 'RequestManifest' })
export type RequestManifest = z.infer<typeof RequestManifest>

/** Everything `show`, `why` and `verify` need to find about one call; artifacts by handle, content by hash only. */
export const CallRecord = z
  .strictObject({
    schema_version: z.literal('ctxlock.call@1'),
    call_id: Uuid,
    job_id: Identifier,
    run_id: Identifier,
    step_id: Identifier,
    trace_id: Uuid,
    created_at: Timestamp,
    provider_id: Identifier,
    model_id: Identifier,
    request_manifest: ArtifactHandle,
    context_snapshot: ArtifactHandle,
    context_plan: ArtifactHandle,
    query_plan: ArtifactHandle,
    retrieval_trace: ArtifactHandle,
    binding: ArtifactHandle,
    role_pack: ArtifactHandle,
    work_unit_pack: ArtifactHandle,
    guard_report: ArtifactHandle,
    candidate_list: ArtifactHandle,
  })
  .meta({ id: 'CallRecord' })
export type CallRecord = z.infer<typeof CallRecord>

/** What a run was asked, kept before anything is done, so that it can be run again. Text of tasks and questions, none of a source. */
export const RunRequest = z
  .strictObject({
    schema_version: z.literal('ctxlock.run_request@1'),
    run_id: Uuid,
    subjects: z
      .array(
        z.strictObject({
          role: RoleConfig,
          wp_id: z.string(),
          definition: MicroTaskDefinition,
          scope: z.array(z.string()),
          question: z.string(),
          iteration: z.int().min(1),
        }),
      )
      .min(1),
    /** The definitions artifact that the subjects are made of (MT-002); a question has none. */
    definitions: ArtifactHandle.exactOptional(),
    /** Candidates that are left out: their ids, or how these begin. */
    without: z.array(z.string().regex(/^[0-9a-f]{8,32}$/)),
    rerun_of: Uuid.exactOptional(),
    /** What the command line said; whoever goes on with the run says the same. */
    options: z
      .strictObject({
        command: Identifier,
        model: Identifier.exactOptional(),
        max_tokens: z.int().min(1).exactOptional(),
        stream: z.boolean().exactOptional(),
        stale: StaleHandling.exactOptional(),
        require_fresh: z.boolean().exactOptional(),
        regenerate: z.boolean().exactOptional(),
        frozen: z.boolean().exactOptional(),
        allow_unsandboxed: z.boolean().exactOptional(),
        task_path: z.string().exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'RunRequest' })
export type RunRequest = z.infer<typeof RunRequest>
