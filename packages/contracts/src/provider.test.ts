import { inspect } from 'node:util'

import { describe, expect, test, vi } from 'vitest'

import { HttpProviderOptions, ProviderError, RETRYABLE_CODES } from './provider.ts'

describe('ProviderError', () => {
  test('the partial text is for the caller alone', () => {
    const error = new ProviderError('stream_truncated', 'cut', { partialText: 'half a secret answer' })
    expect(error.partialText).toBe('half a secret answer')
    const forms = [
      inspect(error, { showHidden: true, depth: null }),
      JSON.stringify(error),
      String(error),
      error.stack ?? '',
    ]
    for (const form of forms) expect(form).not.toContain('half a secret answer')
  })

  test('is told from other errors across two copies of this package', async () => {
    vi.resetModules()
    const copy = await import('./provider.ts')
    expect(copy.ProviderError).not.toBe(ProviderError)
    expect(new copy.ProviderError('timeout', 'late')).toBeInstanceOf(ProviderError)
    expect(new Error('late')).not.toBeInstanceOf(ProviderError)
  })

  test('the code says whether it may be repeated, unless the details know better', () => {
    expect(new ProviderError('overloaded', 'x').retryable).toBe(true)
    expect(new ProviderError('overloaded', 'x', { retryable: false }).retryable).toBe(false)
    expect(new ProviderError('auth', 'x').retryable).toBe(RETRYABLE_CODES.has('auth'))
  })

  test('with keeps everything that is not changed', () => {
    const cause = new Error('below')
    const error = new ProviderError(
      'timeout',
      'x',
      { phase: 'idle', retryable: false, partialText: 'a', status: 408 },
      { cause },
    )
    const changed = error.with({ attempts: 3 })
    expect(changed).toMatchObject({
      code: 'timeout',
      message: 'x',
      phase: 'idle',
      retryable: false,
      partialText: 'a',
      status: 408,
      attempts: 3,
      cause,
    })
    expect(error.attempts).toBe(1)
  })
})

describe('HttpProviderOptions', () => {
  const minimal = { provider_id: 'a', base_url: 'http://127.0.0.1:1', tier: 'local' }

  test('the minimum is enough, and unknown or absurd members are refused', () => {
    expect(HttpProviderOptions.parse(minimal)).toEqual(minimal)
    for (const wrong of [
      { api_key: 'x' },
      { max_retries: -1 },
      { max_retries: 99 },
      { timeouts: { idle: 5 } },
      { timeouts: { idle_ms: 0 } },
      { tier: 'edge' },
      { provider_id: 'A b' },
    ]) {
      expect(HttpProviderOptions.safeParse({ ...minimal, ...wrong }).success).toBe(false)
    }
  })
})
