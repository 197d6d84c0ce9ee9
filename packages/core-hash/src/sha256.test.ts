import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { isHash } from './hash.ts'
import { bytesHash, canonicalHash, fileHash, hashesEqual, textHash } from './sha256.ts'

const EMPTY_LIST = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945'

describe('raw bytes (T-X-CJ-01, CJ-032)', () => {
  test.each(vectors<{ id: unknown; bytes_hex: string; sha256: string }>('bytes.json'))(
    '$id',
    async ({ bytes_hex, sha256 }) => {
      const bytes = Buffer.from(bytes_hex, 'hex')
      expect(bytesHash(bytes)).toBe(sha256)
      expect(await fileHash([bytes])).toBe(sha256)
      expect(await fileHash(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(sha256)
    },
  )

  test('a view hashes its own bytes only', () => {
    expect(bytesHash(new Uint8Array(Buffer.from('--hello\n--')).subarray(2, 8))).toBe(bytesHash(Buffer.from('hello\n')))
  })

  test('a file streams', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'core-hash-'))
    try {
      const path = join(folder, 'large.bin')
      const content = Buffer.alloc(3_000_000, 'abc\r\n')
      await writeFile(path, content)
      expect(await fileHash(createReadStream(path))).toBe(createHash('sha256').update(content).digest('hex'))
      await expect(fileHash(createReadStream(path, { encoding: 'utf8' }))).rejects.toThrow(
        expect.objectContaining({ code: 'CANON_UNSUPPORTED_TYPE' }),
      )
      await expect(fileHash(createReadStream(join(folder, 'missing')))).rejects.toThrow(
        expect.objectContaining({ code: 'ENOENT' }),
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('text (CJ-033)', () => {
  test('is hashed as it is, without NFC', () => {
    expect(textHash('e\u0301')).toBe(bytesHash(Buffer.from('65cc81', 'hex')))
    expect(textHash('é')).toBe(bytesHash(Buffer.from('c3a9', 'hex')))
    expect(textHash('')).toBe(bytesHash(new Uint8Array()))
  })

  test('that has no UTF-8 form is refused instead of sharing a hash with U+FFFD', () => {
    expect(() => textHash('a\ud800')).toThrow(expect.objectContaining({ code: 'CANON_LONE_SURROGATE' }))
  })
})

test('the hash of an empty list of ids is that of [] (CJ-034)', () => {
  expect(canonicalHash([])).toBe(EMPTY_LIST)
  expect(canonicalHash(['b', 'a'])).not.toBe(canonicalHash(['a', 'b']))
})

test('only 64 lower-case hex characters are a hash (CJ-029)', () => {
  expect(isHash(EMPTY_LIST)).toBe(true)
  for (const value of [
    EMPTY_LIST.toUpperCase(),
    EMPTY_LIST.slice(1),
    `${EMPTY_LIST}0`,
    `sha256:${EMPTY_LIST}`,
    `${EMPTY_LIST}\n`,
    ` ${EMPTY_LIST.slice(1)}`,
    '',
    null,
    1,
    [EMPTY_LIST],
  ])
    expect(isHash(value)).toBe(false)
})

test('hashes are equal when they are the same hash, and nothing else is (CJ-030)', () => {
  const other = EMPTY_LIST.replace(/^4/, '5')
  expect(hashesEqual(EMPTY_LIST, `${EMPTY_LIST}`)).toBe(true)
  expect(hashesEqual(EMPTY_LIST, other)).toBe(false)
  for (const malformed of ['', 'abc', EMPTY_LIST.toUpperCase(), EMPTY_LIST.slice(2)]) {
    expect(hashesEqual(malformed, malformed)).toBe(false)
    expect(hashesEqual(EMPTY_LIST, malformed)).toBe(false)
  }
})
