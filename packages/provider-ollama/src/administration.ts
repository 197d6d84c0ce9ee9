import { ProviderError } from '@ctxlock/contracts/provider'
import type { ModelInfo } from '@ctxlock/contracts/provider'
import { countOf, embeddingResult, isObject, listOf, objectOf, present, textOf } from '@ctxlock/provider-kit'
import type { Administration, HttpCalls, JsonObject } from '@ctxlock/provider-kit'

import { readUsage } from './answer.ts'
import { isRemote, withTag } from './known-models.ts'
import type { KnownModels } from './known-models.ts'

const POLL_MS = 250
const POLLS = 120

/** Tags, show, ps, embed, load and unload. What the server says about models goes into `known`. */
export function administration(known: KnownModels, contextOf: (model: string) => number | undefined): Administration {
  const models = async (calls: HttpCalls, path: string): Promise<readonly ModelInfo[]> => {
    const entries = objectOf(await calls.get(path))['models']
    if (!Array.isArray(entries))
      throw new ProviderError('protocol', 'The list of models is not a list.', { reason: 'models' })
    const infos = entries.filter(isObject).flatMap(modelInfo)
    infos.forEach(known.remember)
    return infos
  }
  return {
    listModels: (calls) => models(calls, '/api/tags'),
    listRunning: (calls) => models(calls, '/api/ps'),
    async showModel(calls, model) {
      const info = shownModel(model, objectOf(await calls.post('/api/show', { model })))
      known.remember(info)
      // Only the list names digests, and it may name another one than the last time.
      await models(calls, '/api/tags')
      const digest = known.digestOf(model)
      return digest === undefined ? info : { ...info, digest }
    },
    async embed(calls, request) {
      const body = present({
        model: request.model,
        input: [...request.input],
        truncate: false,
        dimensions: request.dimensions,
      })
      const answer = objectOf(await calls.post('/api/embed', body, { slow: true, privateTexts: request.input }))
      return embeddingResult(request, listOf(answer['embeddings']), readUsage(answer), answer['model'])
    },
    async load(calls, model, { contextTokens = contextOf(model), keepAlive }) {
      const options = contextTokens === undefined ? undefined : { num_ctx: contextTokens }
      // The server stops loading when the client hangs up, so this waits as long as a whole request may take.
      const answer = await calls.post(
        '/api/generate',
        present({ model, stream: false, keep_alive: keepAlive, options }),
        { slow: true },
      )
      expectReason(answer, 'load')
    },
    async unload(calls, model) {
      expectReason(await calls.post('/api/generate', { model, stream: false, keep_alive: 0 }, { slow: true }), 'unload')
      for (let poll = 0; poll < POLLS; poll += 1) {
        const running = await models(calls, '/api/ps')
        if (!running.some(({ id }) => withTag(id) === withTag(model))) return
        await calls.wait(POLL_MS)
      }
      throw new ProviderError(
        'conflict',
        `The model is still listed ${(POLLS * POLL_MS) / 1000} seconds after it was unloaded.`,
        { reason: 'still_loaded' },
      )
    },
    async health(calls) {
      const version = textOf(objectOf(await calls.get('/api/version'))['version'])
      if (version === undefined)
        throw new ProviderError('protocol', 'The server names no version.', { reason: 'version' })
      return { version }
    },
  }
}

function modelInfo(entry: JsonObject): readonly ModelInfo[] {
  const id = textOf(entry['name']) ?? textOf(entry['model'])
  if (id === undefined) return []
  const digest = digestIn(entry)
  const sizeBytes = countOf(entry['size'])
  const vramBytes = countOf(entry['size_vram'])
  const contextTokens = countOf(entry['context_length'])
  const parameterSize = textOf(objectOf(entry['details'])['parameter_size'])
  return [
    {
      id,
      remote: isRemote(id, entry),
      ...(digest === undefined ? {} : { digest }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...(vramBytes === undefined ? {} : { vramBytes }),
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...(parameterSize === undefined ? {} : { parameterSize }),
    },
  ]
}

/** Recorded as it is, so only what can be one. */
function digestIn(entry: JsonObject): string | undefined {
  const digest = textOf(entry['digest'])
  return digest !== undefined && /^[\w:.+/=-]{1,128}$/.test(digest) ? digest : undefined
}

function shownModel(id: string, answer: JsonObject): ModelInfo {
  const contextLength = Object.entries(objectOf(answer['model_info'])).find(([name]) =>
    name.endsWith('.context_length'),
  )
  const contextTokens = countOf(contextLength?.[1])
  const parameterSize = textOf(objectOf(answer['details'])['parameter_size'])
  const capabilities = listOf(answer['capabilities']).filter((capability) => typeof capability === 'string')
  return {
    id,
    remote: isRemote(id, answer),
    capabilities,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(parameterSize === undefined ? {} : { parameterSize }),
  }
}

function expectReason(answer: unknown, reason: string): void {
  if (objectOf(answer)['done_reason'] === reason) return
  throw new ProviderError('protocol', `The server did not confirm to ${reason} the model.`, { reason })
}
