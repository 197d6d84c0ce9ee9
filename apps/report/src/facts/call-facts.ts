import type { Fields } from './fields.ts'
import type { ReadEvent } from './read-event.ts'

/** One call to a model, from its intent on. What no event says is undefined, never zero. */
export interface CallFacts {
  readonly id: string
  readonly run: string
  readonly at: string
  readonly microTask: string | undefined
  readonly role: string | undefined
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The model that answered, where the provider named one. */
  readonly effectiveModel: string | undefined
  readonly backend: string | undefined
  readonly promptTokens: number | undefined
  readonly cachedTokens: number | undefined
  readonly completionTokens: number | undefined
  readonly usageSource: string | undefined
  readonly latencyMs: number | undefined
  readonly costMicroUsd: number | undefined
  readonly payloadBytes: number | undefined
  /** What became of it; undefined for a call nobody settled. */
  readonly outcome: string | undefined
  readonly errorCode: string | undefined
  readonly quotations: { readonly verified: number; readonly repaired: number; readonly failed: number } | undefined
  readonly packs: readonly { readonly name: string; readonly requested: string; readonly effective: string }[]
  readonly hashes: readonly (readonly [name: string, hash: string])[]
  readonly guards: readonly GuardFacts[]
  /** Undefined when its record is not in the file. */
  readonly trace: TraceRecord | undefined
}

/** What was found for a call, and what of it was shown. */
export interface TraceRecord {
  readonly fields: Fields
  /** Of the record as it is stored. */
  readonly bytes: number
}

export interface GuardFacts {
  readonly name: string
  readonly verdict: string
  readonly code: string | undefined
}

export function callFacts(events: readonly ReadEvent[], traces: ReadonlyMap<string, TraceRecord>): CallFacts[] {
  return events
    .filter(({ type }) => type === 'call_intent' || type === 'sdk_call_intent')
    .map((intent) => callOf(intent, events, traces))
}

function callOf(intent: ReadEvent, events: readonly ReadEvent[], traces: ReadonlyMap<string, TraceRecord>): CallFacts {
  const payload = intent.fields.at('payload')
  const id = payload.text('call_id') ?? ''
  const ofCall = (type: string) =>
    events
      .findLast((event) => event.type === type && event.fields.text('payload', 'call_id') === id)
      ?.fields.at('payload')
  const inference = ofCall('llm_inference')
  const settled = ofCall('call_settled')
  const report = ofCall('ace_call_report')
  const binding = payload.text('context_pack_binding_id')
  const bound = events
    .findLast(({ type, fields }) => type === 'context_pack_bound' && fields.text('payload', 'binding_id') === binding)
    ?.fields.at('payload')
  const trace = payload
    .texts('artifact_refs')
    .map((hash) => traces.get(hash))
    .find((found) => found !== undefined)
  const source = inference?.text('usage_source')
  const isCounted = source !== 'none'
  return {
    id,
    run: intent.run,
    at: intent.at,
    microTask: intent.fields.text('mt_id'),
    role: bound?.text('identity', 'role'),
    provider: payload.text('provider_id'),
    model: payload.text('model_id'),
    effectiveModel: inference?.text('effective_model_id'),
    backend: inference?.text('backend') ?? payload.text('backend'),
    promptTokens: isCounted ? inference?.number('token_usage', 'prompt_tokens') : undefined,
    cachedTokens: inference?.number('cached_prompt_tokens'),
    completionTokens: isCounted ? inference?.number('token_usage', 'completion_tokens') : undefined,
    usageSource: source,
    latencyMs: inference?.number('latency_ms'),
    costMicroUsd: settled?.number('cost_micro_usd'),
    payloadBytes: payload.number('payload_size'),
    outcome: settled?.text('outcome'),
    errorCode: settled?.text('error_code') ?? inference?.text('error_code'),
    quotations: quotationsOf(settled),
    packs: bound ? packsOf(bound) : [],
    hashes: hashesOf([
      ['prompt, keyed', inference?.text('prompt_hash')],
      ['reply, keyed', inference?.text('response_hash')],
      ['request bytes, keyed', payload.text('payload_digest')],
      ['stable prefix', report?.text('prompt_envelope_hashes', 'stable_prefix_hash')],
      ['variable suffix', report?.text('prompt_envelope_hashes', 'variable_suffix_hash')],
      ['snapshot', report?.text('snapshot_hash')],
    ]),
    guards: report?.list('guard_report').flatMap(guardsOf) ?? [],
    trace,
  }
}

function hashesOf(named: readonly (readonly [string, string | undefined])[]): CallFacts['hashes'] {
  return named.flatMap(([name, hash]) => (hash === undefined ? [] : [[name, hash] as const]))
}

function quotationsOf(settled: Fields | undefined): CallFacts['quotations'] {
  const [verified, repaired, failed] = ['verified', 'repaired', 'failed'].map((name) =>
    settled?.number('quotations', name),
  )
  return verified === undefined || repaired === undefined || failed === undefined
    ? undefined
    : { verified, repaired, failed }
}

function packsOf(bound: Fields): CallFacts['packs'] {
  return [
    { name: 'role pack', key: 'role_pack' },
    { name: 'work-unit pack', key: 'work_unit_pack' },
  ].map(({ name, key }) => ({
    name,
    requested: bound.text(key, 'requested_hash') ?? '',
    effective: bound.text(key, 'effective_hash') ?? '',
  }))
}

function guardsOf(run: Fields): GuardFacts[] {
  return run.list('guards').map((guard) => ({
    name: guard.text('name') ?? '',
    verdict: guard.text('verdict') ?? '',
    code: guard.text('code'),
  }))
}
