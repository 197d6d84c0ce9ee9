import { errorText } from '../errors/error-text.ts'
import type { PrivateTexts } from '../errors/error-text.ts'
import type { Json } from '../wire/json.ts'

const NAMES: Readonly<Record<string, string>> = { 'x-request-id': 'requestId', 'openai-processing-ms': 'processingMs' }

/** The response headers worth keeping, redacted: request id, processing time, rate limits. */
export function headerMeta(headers: Readonly<Record<string, string>>, secrets: PrivateTexts): Record<string, Json> {
  const meta: Record<string, Json> = {}
  const rateLimits: Record<string, Json> = {}
  for (const [name, value] of Object.entries(headers)) {
    const known = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
    if (known !== undefined) meta[known] = errorText(value, secrets)
    else if (/^x-ratelimit-[a-z-]{1,40}$/.test(name))
      rateLimits[name.slice('x-ratelimit-'.length)] = errorText(value, secrets)
  }
  return Object.keys(rateLimits).length === 0 ? meta : { ...meta, rateLimits }
}
