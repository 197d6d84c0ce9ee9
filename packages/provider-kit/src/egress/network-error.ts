import { ProviderError } from '@ctxlock/contracts/provider'

// A server that cannot be proven or spoken to now will not be in a second either.
const CERTIFICATE = /^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/

/**
 * What went wrong between the sockets, as a ProviderError. The foreign error is reduced to its code: parser errors carry
 * response bytes and socket errors carry addresses, and both would be printed with the cause (PROV-008).
 */
export function networkError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  const code = codeOf(error)
  const cause = new Error(`network failure ${code}`)
  if (code.startsWith('HPE_') || code === 'HTTP_PARSER' || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new ProviderError('protocol', `The server did not speak HTTP (${code}).`, { reason: code }, { cause })
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return new ProviderError(
      'invalid_config',
      'A request header or the request path is not valid.',
      { reason: code, attempts: 0 },
      { cause },
    )
  }
  const retryable = !CERTIFICATE.test(code)
  return new ProviderError('network', `The connection failed (${code}).`, { reason: code, retryable }, { cause })
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  const code: unknown = 'code' in error ? error.code : undefined
  // undici tells an early end in three ways, depending on the framing and on `connection: close`.
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'CLOSED_EARLY'
  if (error.name === 'HTTPParserError')
    return error.message.includes('Invalid EOF state') ? 'CLOSED_EARLY' : 'HTTP_PARSER'
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'UNKNOWN'
}
