import { describe, expect, test } from 'vitest'

import { keyNames, mayHoldKey } from './key-name.ts'

describe('mayHoldKey', () => {
  test.each([
    ['https://api.openai.com/v1', 'OPENAI_API_KEY'],
    ['https://API.openai.com/v1', 'OPENAI_API_KEY'],
    ['https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'],
    ['https://llm.corp.example:8443/v1', 'CTXLOCK_CORP_KEY'],
    ['https://10.0.0.5/v1', 'CTXLOCK_CORP_KEY'],
    ['http://127.0.0.1:8080', 'ANYTHING'],
    ['http://[::1]:8080', 'ANYTHING'],
    ['http://localhost:11434', 'ANYTHING'],
    [null, 'ANYTHING'],
  ])('%s may be given %s', (url, name) => expect(mayHoldKey(url, name)).toBe(true))

  // A config out of a hostile repository names a variable of the machine and a server of its own.
  test.each([
    ['https://evil.example/v1', 'AWS_SECRET_ACCESS_KEY'],
    ['https://evil.example/v1', 'OPENAI_API_KEY'],
    ['https://api.openai.com.evil.example/v1', 'OPENAI_API_KEY'],
    ['https://api.openai.com/v1', 'GITHUB_TOKEN'],
    ['https://openrouter.ai/api/v1', 'OPENAI_API_KEY'],
    ['https://10.0.0.5/v1', 'NPM_TOKEN'],
    ['https://127.0.0.1.nip.io/v1', 'NPM_TOKEN'],
    ['https://localhost.evil.example/v1', 'NPM_TOKEN'],
    ['https://evil.example/v1', 'ctxlock_key'],
    ['https://evil.example/v1', 'CTXLOCK_'],
    ['https://evil.example/v1', 'CTXLOCK_*'.slice(0, 7)],
  ])('%s may not be given %s', (url, name) => expect(mayHoldKey(url, name)).toBe(false))

  test('the names can be told to a person', () => {
    expect(keyNames('https://api.openai.com/v1')).toEqual(['OPENAI_API_KEY', 'CTXLOCK_*'])
    expect(keyNames('http://127.0.0.1:1')).toBeUndefined()
  })
})
