import { inspect } from 'node:util'

import { ProviderError } from '@ctxlock/contracts/provider'
import { describe, expect, test } from 'vitest'

import { parseBaseUrl } from './base-url.ts'

function refusal(url: string): ProviderError {
  try {
    parseBaseUrl(url)
  } catch (error) {
    if (error instanceof ProviderError) return error
  }
  throw new Error('expected a ProviderError')
}

describe('parseBaseUrl', () => {
  test.each([
    ['https://api.example.com', 'https://api.example.com', 'api.example.com:443'],
    ['https://API.Example.com/v1/', 'https://api.example.com/v1', 'api.example.com:443'],
    ['https://api.example.com:443/v1', 'https://api.example.com/v1', 'api.example.com:443'],
    ['https://api.example.com./v1', 'https://api.example.com/v1', 'api.example.com:443'],
    ['http://127.0.0.1:11434', 'http://127.0.0.1:11434', '127.0.0.1:11434'],
    ['http://[::1]:8080/api', 'http://[::1]:8080/api', '[::1]:8080'],
    ['https://gw.example.org/openai/v1', 'https://gw.example.org/openai/v1', 'gw.example.org:443'],
  ])('%s', (written, href, hostAndPort) => {
    const url = parseBaseUrl(written)
    expect(url.href).toBe(href)
    expect(url.hostAndPort).toBe(hostAndPort)
    expect(href.startsWith(url.origin)).toBe(true)
  })

  // Each of these reads differently in some parser, or sends a key somewhere nobody looked at.
  test.each([
    '',
    'api.example.com/v1',
    'ftp://api.example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https:/127.0.0.1/',
    'https:127.0.0.1',
    'https:\\\\127.0.0.1',
    'https://user:secretword@api.example.com',
    'https://@api.example.com',
    'https://api.example.com/v1?api-version=1',
    'https://api.example.com/v1#frag',
    'https://api.example.com/v1/../admin',
    'https://api.example.com/v1/%2e%2e/admin',
    'https://api.example.com/v1%0d%0aX: 1',
    'https://api.example.com /v1',
    ' https://api.example.com',
    'https://api.example.com\n/v1',
    'https://127.0.\n0.1/',
    'https://api.example.com%2f127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://256.256.256.256/',
    'https://１２７.0.0.1/',
    'https://bücher.example/',
    'https://127。0。0。1/',
    'https://10.0.0.1../',
    'https://a..b/',
    'https://[fe80::1%eth0]/',
    'https://[::127.0.0.256]/',
    'https://[]/',
    'https://api.example.com:0/',
    'https://api.example.com:65536/',
    'https://api.example.com:443abc/',
    'https://',
  ])('T-X-PROV-03: refuses %j as configuration', (written) => {
    const error = refusal(written)
    expect(error.code).toBe('invalid_config')
    expect(error.attempts).toBe(0)
  })

  test('what is refused is not repeated: it may hold a password', () => {
    expect(inspect(refusal('https://user:secretword@api.example.com'))).not.toContain('secretword')
  })
})
