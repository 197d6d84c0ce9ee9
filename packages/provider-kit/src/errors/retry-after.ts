type Headers = Readonly<Record<string, string>>

/**
 * The wait a server asks for, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. Nothing
 * for an absent, unreadable or past one: the normal backoff applies then.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const milliseconds = positive(headers['retry-after-ms'])
  if (milliseconds !== undefined) return milliseconds
  const value = headers['retry-after']
  const seconds = positive(value)
  if (seconds !== undefined) return seconds * 1000
  // Only the formats of RFC 9110; Date.parse alone would also read "5 potatoes", and asctime's, which names no zone, as local.
  if (value === undefined || !/^[A-Z][a-z]{2,8},? .{10,40}$/.test(value.trim())) return undefined
  const zoned = /(?:[A-Z]{1,4}|[+-]\d{4})$/.test(value.trim())
  const wait = Date.parse(zoned ? value : `${value} GMT`) - now
  return Number.isFinite(wait) && wait > 0 ? wait : undefined
}

function positive(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,15}(?:\.\d{1,20})?$/.test(value.trim())) return undefined
  const number = Number(value)
  return number > 0 ? number : undefined
}
