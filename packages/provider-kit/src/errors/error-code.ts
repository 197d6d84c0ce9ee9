import type { ProviderErrorCode } from '@ctxlock/contracts/provider'

import { messageCode } from './error-message.ts'
import { isPage } from './error-text.ts'
import type { ServerError } from './server-error.ts'

// Codes and types that mean one thing on every server. Generic ones (`invalid_request_error`, `server_error`) say less
// than the message or the status, and are left out on purpose.
const KINDS: Readonly<Record<string, ProviderErrorCode>> = {
  context_length_exceeded: 'context_overflow',
  exceed_context_size_error: 'context_overflow',
  model_context_window_exceeded: 'context_overflow',
  tokens_limit_reached: 'context_overflow',
  insufficient_quota: 'quota_exhausted',
  exceeded_current_quota_error: 'quota_exhausted',
  budget_exceeded: 'quota_exhausted',
  arrearage: 'quota_exhausted',
  billing_hard_limit_reached: 'quota_exhausted',
  billing_not_active: 'quota_exhausted',
  insufficient_credits: 'quota_exhausted',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  throttling_error: 'rate_limited',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  permission_error: 'permission',
  permission_denied: 'permission',
  model_not_found: 'model_not_found',
  model_not_available: 'model_not_found',
  model_decommissioned: 'model_not_found',
  invalid_model: 'model_not_found',
  unknown_model: 'model_not_found',
  deploymentnotfound: 'model_not_found',
  model_load_failed: 'model_load_failed',
  not_supported_error: 'not_supported',
  unsupported_feature: 'not_supported',
  content_filter: 'content_filter',
  content_policy_violation: 'content_filter',
  data_inspection_failed: 'content_filter',
  overloaded_error: 'overloaded',
  engine_overloaded: 'overloaded',
  engine_overloaded_error: 'overloaded',
  capacity_exceeded: 'overloaded',
  provider_unavailable: 'upstream_error',
  provider_overloaded: 'overloaded',
  timeout_error: 'timeout',
  request_too_large: 'payload_too_large',
}

const STATUSES: Readonly<Record<number, ProviderErrorCode>> = {
  401: 'auth',
  402: 'quota_exhausted',
  403: 'permission',
  405: 'endpoint_not_found',
  408: 'timeout',
  409: 'conflict',
  413: 'payload_too_large',
  429: 'rate_limited',
  499: 'upstream_error',
  501: 'not_supported',
  503: 'overloaded',
  529: 'overloaded',
}

/** Where an error was found: as the HTTP status, inside a whole answer, or inside a stream. */
export type ErrorPlace = 'status' | 'answer' | 'stream'

/** The code of a server's error, in the order body code and type, message, status (wire facts 3). */
export function errorCode(error: ServerError, status: number | undefined, place: ErrorPlace): ProviderErrorCode {
  for (const kind of error.kinds) {
    const code = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
    if (code !== undefined) return code
  }
  // 401 and 403 bodies quote what they refuse, and pages are the words of some proxy; the status is the better witness there.
  const speaks = status !== 401 && status !== 403 && !isPage(error.message)
  const fromMessage = speaks ? messageCode(error.message.slice(0, 4000), status) : undefined
  // A model that is already answering has loaded, whatever the words.
  const loads = fromMessage === 'model_loading' || fromMessage === 'model_load_failed'
  if (fromMessage !== undefined && !(place === 'stream' && loads)) return fromMessage
  return statusCode(error, status, place)
}

function statusCode(error: ServerError, status: number | undefined, place: ErrorPlace): ProviderErrorCode {
  if (status === undefined) return place === 'stream' ? 'stream_error' : 'upstream_error'
  const known = STATUSES[status]
  if (known !== undefined) return known
  if (status === 404)
    return error.structured && /\bmodels?\b/i.test(error.message) ? 'model_not_found' : 'endpoint_not_found'
  if (status >= 400 && status < 500) return 'invalid_request'
  if (status < 500 || status > 599) return 'protocol'
  // A gateway that reports an upstream failure in JSON, or inside an answer, is not itself what failed.
  const upstream = (status === 502 || status === 504) && (error.structured || place !== 'status')
  return upstream ? 'upstream_error' : 'server_error'
}
