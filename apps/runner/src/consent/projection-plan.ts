import type { RequestManifest } from '@ctxlock/contracts/call'
import type { ProjectionPlan } from '@ctxlock/contracts/consent'
import type { ProviderConfig } from '@ctxlock/contracts/provider'

export interface PlannedCall {
  readonly planId: string
  readonly createdAt: string
  readonly provider: ProviderConfig
  readonly modelId: string
  readonly url: string
  readonly body: Uint8Array
  readonly manifest: RequestManifest
  readonly promptTokens: number
  /** The longest answer that is set aside for, whether or not the server is told a limit. */
  readonly mostAnswerTokens: number
  readonly jobId?: string
  readonly sessionId: string
  readonly wpId: string
  readonly mtId: string
}

/** What of a request is ours rather than a source's: the rules, the task, the question and the JSON around them. */
export const OWN_FIELDS = ['question', 'rules', 'task']

/** The plan of one cloud call: exactly its bytes, by hash, and where they would go (PROV-049). */
export function projectionPlan(call: PlannedCall): ProjectionPlan {
  const cost = estimatedCost(call)
  return {
    schema_version: 'hsk.projection_plan@0.4',
    projection_plan_id: call.planId,
    include_artifact_refs: sourceReferences(call.manifest),
    include_fields: OWN_FIELDS,
    redactions_applied: redactionsIn(call.body),
    max_bytes: call.body.length,
    payload_sha256: call.manifest.payload_sha256,
    created_at: call.createdAt,
    provider_id: call.provider.provider_id,
    endpoint_origin: new URL(call.url).origin,
    model_ids: [call.modelId],
    ...(call.jobId !== undefined && { job_id: call.jobId }),
    wp_id: call.wpId,
    mt_id: call.mtId,
    session_ids: [call.sessionId],
    estimated_tokens: call.promptTokens,
    ...(cost !== undefined && { estimated_cost_usd: cost }),
  }
}

/** One version of one source: what a wider consent covers is this version, not what the file becomes. */
export function sourceReference(sourceId: string, sourceHash: string): string {
  return `${sourceHash}:${sourceId}`
}

function sourceReferences({ parts }: RequestManifest): string[] {
  const references = parts.flatMap((part) =>
    part.part === 'source' ? [sourceReference(part.source_id, part.source_hash)] : [],
  )
  return [...new Set(references)].toSorted()
}

/** Categories of what the redactor put its marks for. A source that writes such a mark itself only makes the list longer. */
function redactionsIn(body: Uint8Array): string[] {
  const marks = new TextDecoder().decode(body).matchAll(/\[REDACTED:([a-z0-9_-]{1,64}):/g)
  return [...new Set(Array.from(marks, ([, category = '']) => category))].toSorted()
}

/** In US dollars, for a model whose price the config names; the answer counts at its longest. */
function estimatedCost({ provider, modelId, promptTokens, mostAnswerTokens }: PlannedCall): number | undefined {
  const price = provider.models.find(({ model_id }) => model_id === modelId)?.price
  if (!price) return undefined
  return (promptTokens * price.input_usd_per_million + mostAnswerTokens * price.output_usd_per_million) / 1_000_000
}
