import type { EgressResponse } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { ProviderErrorDetails } from '@ctxlock/contracts/provider'

import { errorCode } from './error-code.ts'
import type { ErrorPlace } from './error-code.ts'
import { errorText } from './error-text.ts'
import type { PrivateTexts } from './error-text.ts'
import { retryAfterMs } from './retry-after.ts'
import { parseServerError } from './server-error.ts'
import type { ServerError } from './server-error.ts'

const MAX_ERROR_BODY = 64 * 1024

export interface ErrorContext extends PrivateTexts {
  readonly now: number
}

/** Reads at most 64 KiB of a failed response and says what it means. */
export async function responseError(response: EgressResponse, context: ErrorContext): Promise<ProviderError> {
  const wait = retryAfterMs(response.headers, context.now)
  const error = serverFailure(parseServerError(await firstText(response.body)), response.status, 'status', context)
  const refusesRetry = response.headers['x-should-retry']?.toLowerCase() === 'false'
  // Credits may be refilled by the time a gateway names; without one there is no point in asking again (wire facts 1).
  const waitsForCredit = error.status === 402 && wait !== undefined
  return error.with({
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(refusesRetry ? { retryable: false } : waitsForCredit ? { retryable: true } : {}),
  })
}

/** A server's error as a ProviderError; its text reduced to 200 redacted code points (PROV-008). */
export function serverFailure(
  error: ServerError,
  httpStatus: number | undefined,
  place: ErrorPlace,
  context: PrivateTexts,
): ProviderError {
  const status = place === 'status' ? httpStatus : error.status
  const code = errorCode(error, status, place)
  const text = errorText(error.message, context)
  const where = status === undefined ? 'inside its answer' : `HTTP ${status}`
  const numbers = {
    ...(error.promptTokens === undefined ? {} : { promptTokens: error.promptTokens }),
    ...(error.contextTokens === undefined ? {} : { contextTokens: error.contextTokens }),
  }
  const details: ProviderErrorDetails = { details: numbers, ...(status === undefined ? {} : { status }) }
  return new ProviderError(
    code,
    `The provider refused the call with ${code} (${where})${text === '' ? '' : `: ${text}`}`,
    details,
  )
}

/** The first bytes of a body as text. What breaks while reading an error must not hide the error. */
async function firstText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= MAX_ERROR_BODY) break
    }
  } catch (error) {
    if (error instanceof ProviderError && error.code === 'aborted') throw error
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MAX_ERROR_BODY))
}
