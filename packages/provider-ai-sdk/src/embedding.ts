import type { EmbeddingModelV4, EmbeddingModelV4CallOptions } from '@ai-sdk/provider'
import type { Administration, Json, JsonObject } from '@ctxlock/provider-kit'
import { countOf, embeddingResult, isObject, listOf, objectOf, present } from '@ctxlock/provider-kit'

/** What an embedding model is handed: which model, and the call options without signal and headers. */
export interface HandedTexts {
  readonly model: string
  readonly options: Pick<EmbeddingModelV4CallOptions, 'values' | 'dimensions'>
}

/** `embed` of a provider: texts go in as canonical JSON, checked vectors come out. */
export const embedTexts: NonNullable<Administration['embed']> = async (calls, request) => {
  const { model, input, dimensions } = request
  const options: Json = present({ values: [...input], dimensions })
  const answer = objectOf(await calls.post('', { model, options }, { privateTexts: input }))
  const tokens = countOf(objectOf(answer['usage'])['tokens'])
  // The SDK writes 0 for a count that did not come, and does not say which model answered.
  const usage = tokens === undefined || tokens === 0 ? undefined : { inputTokens: tokens }
  return embeddingResult(request, listOf(answer['embeddings']), usage, undefined)
}

export function isHandedTexts(value: unknown): value is HandedTexts {
  if (!isObject(value) || !isObject(value['options'])) return false
  return typeof value['model'] === 'string' && Array.isArray(value['options']['values'])
}

/** Asks the model once; what it says, as the JSON of an answer. */
export async function embeddingDocument(
  model: EmbeddingModelV4,
  { options }: HandedTexts,
  abortSignal: AbortSignal,
): Promise<JsonObject> {
  const { embeddings, usage } = await model.doEmbed({ ...options, abortSignal })
  return { embeddings, usage }
}
