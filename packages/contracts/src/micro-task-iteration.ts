// What the steps of one iteration leave behind (spec 08 sections 3 and 4): stored by the engine, so read back like any input.
// Text is stored apart and named by its hash.
import { z } from 'zod'

import { FailureCategory } from './micro-task-run.ts'
import { Count, Hash, Identifier, RelativePath, Summary, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle } from './references.ts'

/** How many quotations an answer has, and how many stand in the bytes on disk. */
export const QuotationCounts = z.strictObject({ total: Count, sound: Count })
export type QuotationCounts = z.infer<typeof QuotationCounts>

export const CallError = z.enum([
  'model_timeout',
  'model_error_transient',
  'model_error',
  'context_overflow',
  'resource_exhausted',
])
export type CallError = z.infer<typeof CallError>

const call = {
  call_id: Uuid,
  /** Who was called: not the level's model where the profile's fallback stood in for it. */
  model_id: Identifier.exactOptional(),
  /** Of the call: micro-task, iteration, model and prompt (MT-046). */
  idempotency_key: Hash,
  context_snapshot_id: Uuid,
  context_window: Count,
  tokens_prompt: Count,
  tokens_completion: Count,
  started_at: Timestamp,
  duration_ms: Count,
}

/** What came back of the model call of an iteration. */
export const ModelReply = z.discriminatedUnion('status', [
  z.strictObject({
    ...call,
    status: z.literal('answered'),
    output: ArtifactHandle,
    degraded: z.boolean(),
    quotations: QuotationCounts,
    /** What ended the answer before the model did; absent when it is whole. */
    ended_by: z.enum(['length', 'content_filter']).exactOptional(),
  }),
  z.strictObject({ ...call, status: z.literal('failed'), error: CallError, code: Identifier }),
])
export type ModelReply = z.infer<typeof ModelReply>

/** A call that was not made. */
const RefusedCall = z.strictObject({
  status: z.literal('refused'),
  /** A person said no; policy, profile or a guard forbids the call; the run cannot bear it. */
  cause: z.enum(['denied', 'forbidden', 'budget']),
  code: Identifier,
  reason: Summary,
  at: Timestamp,
})

/** What asking for the call of an iteration came to: a reply, or that the run has too few tokens left for it. */
export const CallResult = z.discriminatedUnion('status', [
  ...ModelReply.options,
  RefusedCall.extend({ cause: z.literal('budget') }),
])
export type CallResult = z.infer<typeof CallResult>

/** What one iteration came to, after parsing, scope check and validation. */
export const AttemptOutcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('claimed'),
    validation_passed: z.boolean(),
    /** How many blocking checks ran; with none, nothing is accepted automatically (MT-042). */
    blocking_checks: Count,
  }),
  z.strictObject({ kind: z.literal('blocked'), reason: Summary }),
  z.strictObject({
    kind: z.enum(['working', 'malformed_signal', 'model_error', 'scope_violation', 'validation_error']),
  }),
])
export type AttemptOutcome = z.infer<typeof AttemptOutcome>

/** What validation came to (MT-041), as counts and a reference. */
export const ValidationSummary = z.strictObject({
  passed: z.boolean(),
  specs_total: Count,
  specs_passed: Count,
  blocking: Count,
  /** Indices of the blocking checks that failed. */
  blocking_failed: z.array(Count),
  duration_ms: Count,
  evidence: ArtifactHandle,
})
export type ValidationSummary = z.infer<typeof ValidationSummary>

/** How an attempt is judged. */
export const Judgement = z.strictObject({
  outcome: AttemptOutcome,
  /** What the error table demands whatever the decision table says. */
  demand: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fail_job'), code: Identifier }),
      z.strictObject({ kind: z.literal('resource_gate') }),
    ])
    .exactOptional(),
  validation: ValidationSummary.exactOptional(),
  category: FailureCategory.exactOptional(),
  /** For people and for the next prompt. */
  summary: Summary.exactOptional(),
  blocked: z.strictObject({ reason: Summary, need: Summary }).exactOptional(),
})
export type Judgement = z.infer<typeof Judgement>

/** A file as an attempt was checked with it, by hash; `before_hash` is null for a new one. */
const TriedFile = z.strictObject({ path: RelativePath, before_hash: Hash.nullable(), after_hash: Hash })
export type TriedFile = z.infer<typeof TriedFile>

/** A judgement with when it was made and how long call and checks took together. */
export const Verdict = Judgement.extend({
  /** The edits that were judged, if there were any: no others are accepted. */
  edits: z.array(TriedFile).min(1).exactOptional(),
  /** What a person asked meanwhile. */
  requested: z.enum(['none', 'pause', 'skip']),
  completed_at: Timestamp,
  duration_ms: Count,
})
export type Verdict = z.infer<typeof Verdict>

export const GateAnswer = z.strictObject({
  decision: z.enum(['continue', 'skip', 'abort']),
  by: Identifier,
  at: Timestamp,
})
export type GateAnswer = z.infer<typeof GateAnswer>

/** What a child run came to (MT-028): its reply, or why no call was made. */
export const ChildResult = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('replied'), reply: ModelReply }),
  RefusedCall,
])
export type ChildResult = z.infer<typeof ChildResult>

export const SwapResult = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('completed') }),
  /** Rolled back, and the policy goes on with the model that was there (SWAP-022). */
  z.strictObject({ status: z.literal('kept_current') }),
  z.strictObject({
    status: z.literal('failed'),
    code: Identifier,
    reason: Summary,
    /** The policy asks for a consent to a cloud model instead. */
    escalate_to_cloud: z.boolean().exactOptional(),
  }),
])
export type SwapResult = z.infer<typeof SwapResult>
