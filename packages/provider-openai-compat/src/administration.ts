import { ProviderError } from '@ctxlock/contracts/provider'
import type { ModelInfo } from '@ctxlock/contracts/provider'
import { countOf, embeddingResult, isObject, listOf, objectOf, present, textOf } from '@ctxlock/provider-kit'
import type { Administration, HttpCalls, JsonObject } from '@ctxlock/provider-kit'

import { readUsage } from './chat-answer.ts'
import type { ServerProfile } from './server-profile.ts'

/** Models, embeddings and health. Loading and unloading are not part of this wire. */
export function administration(profile: ServerProfile, origin: string): Administration {
  return {
    listModels,
    async showModel(calls, model) {
      const found = (await listModels(calls)).find(({ id }) => id === model)
      if (found) return found
      throw new ProviderError('model_not_found', 'The server does not list that model.', { reason: 'not_listed' })
    },
    async embed(calls, request) {
      const answer = objectOf(
        await calls.post(
          '/embeddings',
          present({
            model: request.model,
            input: [...request.input],
            // Some servers answer in base64 unless told not to; some do anyway.
            encoding_format: 'float',
            dimensions: request.dimensions,
          }),
          { privateTexts: request.input },
        ),
      )
      const rows = listOf(answer['data']).map(objectOf)
      const ordered = rows.every(({ index }) => countOf(index) !== undefined)
        ? rows.toSorted((left, right) => indexOf(left) - indexOf(right))
        : rows
      return embeddingResult(
        request,
        ordered.map(({ embedding }) => embedding),
        readUsage(answer['usage']),
        answer['model'],
      )
    },
    async health(calls) {
      await calls.get(profile.health === '/health' ? `${origin}/health` : '/models')
      return {}
    },
  }
}

/** `{ data: […] }`, or a bare list on some gateways. */
async function listModels(calls: HttpCalls): Promise<readonly ModelInfo[]> {
  const answer = await calls.get('/models')
  const entries = Array.isArray(answer) ? answer : objectOf(answer)['data']
  if (!Array.isArray(entries))
    throw new ProviderError('protocol', 'The list of models is not a list.', { reason: 'models' })
  return entries.flatMap((entry) => {
    const id = isObject(entry) ? textOf(entry['id']) : undefined
    return id === undefined || !isObject(entry) ? [] : [modelInfo(id, entry)]
  })
}

function modelInfo(id: string, entry: JsonObject): ModelInfo {
  const meta = objectOf(entry['meta'])
  const contextTokens = countOf(entry['max_model_len']) ?? countOf(entry['context_length']) ?? countOf(meta['n_ctx'])
  const sizeBytes = countOf(meta['size'])
  return { id, ...(contextTokens ? { contextTokens } : {}), ...(sizeBytes ? { sizeBytes } : {}) }
}

function indexOf(row: JsonObject): number {
  return countOf(row['index']) ?? 0
}
