import { createSecretKey, generateKeyPairSync } from 'node:crypto'

import { describe, expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { keyedDigest } from './keyed-digest.ts'

const key = Buffer.alloc(32, 7)

test.each(vectors<{ key_hex: string; domain: string; text: string; hmac_sha256: string }>('keyed-digest.json'))(
  '$domain, $text',
  (vector) => {
    const vectorKey = Buffer.from(vector.key_hex, 'hex')
    expect(keyedDigest(vectorKey, vector.domain, vector.text)).toBe(vector.hmac_sha256)
    expect(keyedDigest(vectorKey, vector.domain, Buffer.from(vector.text))).toBe(vector.hmac_sha256)
    expect(keyedDigest(createSecretKey(vectorKey), vector.domain, vector.text)).toBe(vector.hmac_sha256)
  },
)

test('the boundary between domain and data matters', () => {
  expect(keyedDigest(key, 'ab', 'c')).not.toBe(keyedDigest(key, 'a', 'bc'))
  expect(keyedDigest(key, 'a', 'b')).not.toBe(keyedDigest(Buffer.alloc(32, 8), 'a', 'b'))
})

describe('refuses', () => {
  test('a key below 32 bytes', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const short = [0, 16, 31].flatMap((length) => [Buffer.alloc(length), createSecretKey(Buffer.alloc(length))])
    for (const refused of [...short, publicKey])
      expect(() => keyedDigest(refused, 'a', 'b')).toThrow(expect.objectContaining({ code: 'CANON_SHORT_KEY' }))
  })

  test('text without UTF-8 form', () => {
    for (const [domain, data] of [
      ['\ud800', ''],
      ['a', '\udc00'],
    ] as const)
      expect(() => keyedDigest(key, domain, data)).toThrow(expect.objectContaining({ code: 'CANON_LONE_SURROGATE' }))
  })
})
