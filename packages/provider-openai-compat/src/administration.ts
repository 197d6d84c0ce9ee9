import { ProviderError } from '@ctxlock/contracts/provider'
import { countOf, embeddingResult, listOf, objectOf, present } from '@ctxlock/provider-kit'
import type { Administration, JsonObject } from '@ctxlock/provider-kit'

import { readUsage } from './chat-answer.ts'
import { listModels } from './model-list.ts'
import { router } from './router.ts'
import type { ServerProfile } from './server-profile.ts'

/** Models, embeddings and health. Loading and unloading are no part of this wire; a router has its own requests for them. */
export function administration(profile: ServerProfile, origin: string): Administration {
  return {
    ...(profile.loads && router(origin)),
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

function indexOf(row: JsonObject): number {
  return countOf(row['index']) ?? 0
}
