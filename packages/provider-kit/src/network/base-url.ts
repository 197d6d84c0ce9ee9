import { isIP } from 'node:net'

import { ProviderError } from '@ctxlock/contracts/provider'

/** A checked base URL in one spelling. */
export interface BaseUrl {
  /** Origin and path, no trailing slash. */
  readonly href: string
  readonly origin: string
  readonly protocol: 'http:' | 'https:'
  /** Lower case, no brackets, no trailing dot. */
  readonly host: string
  readonly port: number
  /** Host and port as `allow_private_hosts` writes them, brackets around IPv6. */
  readonly hostAndPort: string
}

// Everything a parser could be talked into reading differently is refused before parsing: user info, whitespace,
// backslashes, missing slashes, encoded hosts. Group 2 is the host as written.
const WRITTEN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?(\/[\x21-\x7e]*)?$/i

/**
 * Parses an untrusted base URL (PROV-036). http or https, a host in its canonical spelling, no user info, query or
 * fragment; a trailing dot of the host is removed. Throws `invalid_config`; the message never repeats the input.
 */
export function parseBaseUrl(text: string): BaseUrl {
  const written = WRITTEN.exec(text)
  if (!written) {
    throw notABase(
      'it is not of the form https://host[:port][/path] in plain ASCII without user info, query or fragment',
    )
  }
  if (/[?#\\]|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|%(?:0|1|2f|5c|7f)/i.test(written[4] ?? '')) {
    throw notABase('its path holds a query, a fragment, a dot segment or an encoded separator')
  }
  const url = URL.parse(text)
  if (!url) throw notABase('it does not parse as a URL')
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const writtenHost = (written[2] ?? '')
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  // 0x7f.1, 2130706433 and 127.1 all parse to 127.0.0.1: the checks run on the parsed host, and the reader sees it too.
  if (host !== writtenHost) throw notABase('its host is not in canonical spelling; write the address in its usual form')
  if (host === '' || host.split('.').includes('')) throw notABase('its host has an empty label')
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
  const port = url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port)
  if (port === 0) throw notABase('port 0 is not a port')
  const authority = isIP(host) === 6 ? `[${host}]` : host
  const origin = `${protocol}//${authority}${url.port === '' ? '' : `:${url.port}`}`
  return {
    href: origin + url.pathname.replace(/\/+$/, ''),
    origin,
    protocol,
    host,
    port,
    hostAndPort: `${authority}:${port}`,
  }
}

/** `invalid_config` for a base URL that cannot be one, for adapters that know more about theirs. `why` must not repeat it. */
export function notABase(why: string): ProviderError {
  return new ProviderError(
    'invalid_config',
    `The base URL of a provider was refused: ${why}. Example: http://127.0.0.1:11434`,
    {
      attempts: 0,
      reason: 'base_url',
    },
  )
}
