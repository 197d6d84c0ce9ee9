import { AISDKError, APICallError, InvalidResponseDataError } from '@ai-sdk/provider'
import type { EgressResponse } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { ProviderErrorCode } from '@ctxlock/contracts/provider'

const CODES: Readonly<Record<string, ProviderErrorCode>> = {
  AI_UnsupportedFunctionalityError: 'not_supported',
  AI_LoadAPIKeyError: 'invalid_config',
  AI_LoadSettingError: 'invalid_config',
  AI_InvalidPromptError: 'invalid_request',
  AI_InvalidArgumentError: 'invalid_request',
  AI_NoSuchModelError: 'model_not_found',
  AI_TooManyEmbeddingValuesForCallError: 'invalid_request',
}

/**
 * The response behind an SDK error, so that it is judged like any other response with this status and body; nothing when the
 * error did not come from a response. The SDK's own words, its copy of the request and the URL are left behind (PROV-008).
 */
export function failedResponse(error: unknown): EgressResponse | undefined {
  if (!APICallError.isInstance(error)) return undefined
  const { statusCode, responseHeaders = {}, responseBody = '' } = error
  if (statusCode === undefined) return undefined
  const body = oneChunk(responseBody)
  // An error inside a success; what the SDK could not read otherwise is no answer here either.
  if (statusCode >= 200 && statusCode < 300) return { status: 200, headers: JSON_BODY, body }
  const headers = Object.entries(responseHeaders).map(([name, value]) => [name.toLowerCase(), value])
  return { status: statusCode, headers: Object.fromEntries(headers), body }
}

const JSON_BODY = { 'content-type': 'application/json' }

/** Whatever else a model throws, as a ProviderError without its words: they may hold the prompt, the key or a body. */
export function modelFailure(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  if (APICallError.isInstance(error) && error.statusCode === undefined)
    return new ProviderError('network', 'The model could not reach its server.', { retryable: error.isRetryable })
  if (InvalidResponseDataError.isInstance(error) && error.data === undefined)
    return new ProviderError('stream_truncated', 'The stream of the model ended before its answer did.')
  const name = AISDKError.isInstance(error) ? error.name : undefined
  const code = (name !== undefined && Object.hasOwn(CODES, name) ? CODES[name] : undefined) ?? 'protocol'
  const before = code === 'protocol' ? {} : { attempts: 0 }
  return new ProviderError(code, `The AI SDK model failed${name === undefined ? '' : ` with ${name}`}.`, {
    reason: 'sdk',
    ...before,
  })
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield new TextEncoder().encode(text)
}
