import { ProviderError } from '@ctxlock/contracts/provider'
import { objectOf, textOf } from '@ctxlock/provider-kit'
import type { Administration, HttpCalls, JsonObject, LoadOptions } from '@ctxlock/provider-kit'

import { modelEntries, modelInfo } from './model-list.ts'

const POLL_MS = 250
/** Ten minutes; whoever wants less gives a signal. */
const POLLS = 2400

/**
 * Loading and unloading on a llama.cpp server that routes to several models (`--models-dir`). Both are only begun by their request
 * and done when the list says so.
 */
export function router(origin: string): Required<Pick<Administration, 'load' | 'unload' | 'listRunning'>> {
  return {
    async listRunning(calls) {
      const entries = await modelEntries(calls)
      return entries.filter((entry) => stateOf(entry) === 'loaded').flatMap(modelInfo)
    },
    async load(calls, model, options) {
      refuseOptions(options)
      const before = stateOf(await entryOf(calls, model))
      if (before === 'loaded') return
      if (before !== 'loading') await request(calls, 'load', model)
      await until(calls, model, 'loaded')
    },
    async unload(calls, model) {
      if (stateOf(await entryOf(calls, model)) === 'unloaded') return
      await request(calls, 'unload', model)
      await until(calls, model, 'unloaded')
    },
  }

  async function request(calls: HttpCalls, action: 'load' | 'unload', model: string): Promise<void> {
    const answer = objectOf(await calls.post(`${origin}/models/${action}`, { model }, { slow: true }))
    if (answer['success'] === true) return
    throw new ProviderError('protocol', `The server did not confirm to ${action} the model.`, { reason: action })
  }
}

async function until(calls: HttpCalls, model: string, wanted: 'loaded' | 'unloaded'): Promise<void> {
  for (let poll = 0; poll < POLLS; poll += 1) {
    const state = stateOf(await entryOf(calls, model))
    if (state === wanted) return
    // Loading that ended without the model: the process behind the router has died.
    if (state === 'unloaded') {
      throw new ProviderError('model_load_failed', 'The server could not load the model.', { reason: 'load' })
    }
    await calls.wait(POLL_MS)
  }
  throw new ProviderError('conflict', `The model is not ${wanted} after ${(POLLS * POLL_MS) / 1000} seconds.`, {
    reason: `not_${wanted}`,
  })
}

async function entryOf(calls: HttpCalls, model: string): Promise<JsonObject> {
  const found = (await modelEntries(calls)).find((entry) => entry['id'] === model)
  if (found) return found
  throw new ProviderError('model_not_found', 'The server does not list that model.', { reason: 'not_listed' })
}

function stateOf(entry: JsonObject): string {
  const state = textOf(objectOf(entry['status'])['value'])
  if (state !== undefined) return state
  throw new ProviderError('protocol', 'The server does not say whether its models are loaded: it is no router.', {
    reason: 'status',
  })
}

/** The router takes neither from a request: they stand in the preset of the model. */
function refuseOptions(options: LoadOptions): void {
  const [name] = Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [key]))
  if (name === undefined) return
  throw new ProviderError('not_supported', `A llama.cpp router cannot be given ${name} when it loads a model.`, {
    attempts: 0,
    reason: name,
  })
}
