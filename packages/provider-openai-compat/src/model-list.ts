import { ProviderError } from '@ctxlock/contracts/provider'
import type { ModelInfo } from '@ctxlock/contracts/provider'
import { countOf, isObject, objectOf, textOf } from '@ctxlock/provider-kit'
import type { HttpCalls, JsonObject } from '@ctxlock/provider-kit'

export async function listModels(calls: HttpCalls): Promise<readonly ModelInfo[]> {
  return (await modelEntries(calls)).flatMap(modelInfo)
}

/** `{ data: […] }`, or a bare list on some gateways. */
export async function modelEntries(calls: HttpCalls): Promise<readonly JsonObject[]> {
  const answer = await calls.get('/models')
  const entries = Array.isArray(answer) ? answer : objectOf(answer)['data']
  if (!Array.isArray(entries))
    throw new ProviderError('protocol', 'The list of models is not a list.', { reason: 'models' })
  return entries.filter(isObject)
}

/** None for an entry without an id. */
export function modelInfo(entry: JsonObject): readonly ModelInfo[] {
  const id = textOf(entry['id'])
  if (id === undefined) return []
  const meta = objectOf(entry['meta'])
  const contextTokens = countOf(entry['max_model_len']) ?? countOf(entry['context_length']) ?? countOf(meta['n_ctx'])
  const sizeBytes = countOf(meta['size'])
  return [{ id, ...(contextTokens ? { contextTokens } : {}), ...(sizeBytes ? { sizeBytes } : {}) }]
}
