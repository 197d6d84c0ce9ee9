import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { ProviderError } from '@ctxlock/contracts/provider'
import { requestBody } from '@ctxlock/contracts/request-body'
import { isObject } from '@ctxlock/provider-kit'
import type { Json } from '@ctxlock/provider-kit'

/**
 * The bytes that stand for a call of an application: model, method and call options as RFC 8785 JSON. Bytes are written in
 * base64 and URLs as text; headers by name only, because their values may be keys. Throws `invalid_request` for what JSON
 * cannot carry.
 */
export function callDocument(model: LanguageModelV4, params: LanguageModelV4CallOptions, stream: boolean): Uint8Array {
  const { abortSignal: _, headers = {}, ...options } = params
  try {
    return requestBody({
      provider: model.provider,
      model: model.modelId,
      stream,
      options: jsonOf(options),
      headers: Object.keys(headers).toSorted(),
    })
  } catch (error) {
    if (error instanceof ProviderError) throw error
    // The serializer's words may quote the value, so they are not a cause.
    throw unusable()
  }
}

/** Call options that nobody but the holder of the copy can change: what is judged and recorded is what the model gets. */
export function ownCopy(params: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  return copyOf(params)
}

function copyOf<Value>(value: Value): Value
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item))
  // Not `slice`: that of a Buffer shares its memory.
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof URL) return new URL(value)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]))
}

function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof URL) return value.href
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item: unknown) => jsonOf(item))
  if (!isPlain(value)) throw unusable()
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, jsonOf(member)]))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function unusable(): ProviderError {
  return new ProviderError(
    'invalid_request',
    'The call holds something that JSON cannot carry, so it cannot be recorded.',
    {
      attempts: 0,
      reason: 'json',
    },
  )
}
