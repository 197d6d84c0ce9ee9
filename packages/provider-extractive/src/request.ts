import { ProviderError, type ChatMessage, type ChatRequest, type SamplingOptions } from '@ctxlock/contracts/provider'
import { requestBody } from '@ctxlock/contracts/request-body'

export const MODEL_ID = 'extractive'

/** A request that was checked and copied: neither its bytes nor its answer change when the caller changes its own. */
export interface ExtractiveRequest {
  readonly model: string
  readonly messages: readonly Pick<ChatMessage, 'role' | 'content'>[]
  readonly body: Uint8Array
  readonly stream: boolean
  readonly maxOutputTokens: number | undefined
  readonly stop: readonly string[]
  /** Options that were given and change nothing here. */
  readonly unused: readonly string[]
}

/** Checks a request for one of `models` and fixes its bytes. Throws `invalid_request`, `model_not_found` or `not_supported`. */
export function readRequest(request: ChatRequest, models: readonly string[]): ExtractiveRequest {
  refuseWhatIsNotOffered(request)
  refuseMistakes(request, models)
  const messages = request.messages.map(({ role, content }) => ({ role, content }))
  const { model, maxOutputTokens, stop = [], stream = false } = request
  const options = {
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
  }
  return {
    model,
    messages,
    body: encode({ model, messages, stream, ...(Object.keys(options).length === 0 ? {} : { options }) }),
    stream,
    maxOutputTokens,
    stop: stop.filter((one) => one !== ''),
    unused: unusedOptions(request),
  }
}

/** Temperature 0 asks for what happens anyway: nothing is random here. */
function unusedOptions({ temperature, topP, keepAlive }: ChatRequest): string[] {
  const given = { temperature: temperature === 0 ? undefined : temperature, topP, keepAlive }
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

function refuseWhatIsNotOffered(request: ChatRequest): void {
  const { tools = [], toolChoice = 'auto', responseFormat, reasoning, messages } = request
  const isToolTalk = (message: ChatMessage) =>
    message.role === 'tool' || (message.role === 'assistant' && (message.toolCalls?.length ?? 0) > 0)
  const wantsTools = tools.length > 0 || (toolChoice !== 'auto' && toolChoice !== 'none') || messages.some(isToolTalk)
  if (wantsTools) throw notSupported('tools')
  if (responseFormat !== undefined && responseFormat.type !== 'text') throw notSupported('json_schema')
  if (reasoning !== undefined && reasoning !== false) throw notSupported('reasoning')
}

function refuseMistakes({ model, messages, maxOutputTokens }: ChatRequest, models: readonly string[]): void {
  if (model.trim() === '') throw invalid('it names no model')
  demandModel(model, models)
  if (messages.length === 0) throw invalid('it has no messages')
  if (maxOutputTokens !== undefined && !(Number.isSafeInteger(maxOutputTokens) && maxOutputTokens >= 1)) {
    throw invalid('maxOutputTokens must be an integer of at least 1')
  }
}

/** There is one way of ranking. An entry may give it more names, all with this one in front, each with a window of its own. */
export function modelNames(models: readonly { readonly model_id: string }[] = []): string[] {
  const more = models.map(({ model_id }) => model_id).filter((name) => name.startsWith(`${MODEL_ID}-`))
  return [MODEL_ID, ...new Set(more)]
}

export function demandModel(model: SamplingOptions['model'], models: readonly string[]): void {
  if (models.includes(model)) return
  throw new ProviderError('model_not_found', `Expected the model ${models.join(' or ')}; this provider has no other.`, {
    attempts: 0,
  })
}

export function notSupported(capability: string): ProviderError {
  return new ProviderError('not_supported', `The extractive provider has no model and does not offer ${capability}.`, {
    attempts: 0,
    reason: capability,
  })
}

function encode(body: Parameters<typeof requestBody>[0]): Uint8Array {
  try {
    return requestBody(body)
  } catch (error) {
    throw new ProviderError(
      'invalid_request',
      'The request cannot be written as JSON; see the cause.',
      { attempts: 0 },
      { cause: error },
    )
  }
}

function invalid(why: string): ProviderError {
  return new ProviderError('invalid_request', `The request cannot be answered: ${why}.`, { attempts: 0 })
}
