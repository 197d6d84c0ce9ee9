import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

import { ArtifactHandle } from '@ctxlock/contracts/references'
import { bytesHash as hashOf } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { failing, openFolder } from '../test/folder-files.ts'
import type { TestFolder } from '../test/folder-files.ts'
import { ArtifactError, VAULT_MAGIC_HEX, openVault } from './index.ts'

const SEED = 20261121
const DAY = 86_400_000
const key = new Uint8Array(32).fill(7)
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) }
const payload = Buffer.from('CANARY-1177 what the user asked')

function open(folder: TestFolder, options: { readonly key?: Uint8Array; readonly now?: () => number } = {}) {
  return openVault({
    files: folder.files,
    key: options.key ?? key,
    clock: { now: options.now ?? (() => 1_000) },
    random,
  })
}
const fileOf = (folder: TestFolder, { content_hash }: ArtifactHandle) =>
  join(folder.path, 'vault', content_hash.slice(0, 2), content_hash.slice(2))

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error
    expect(`${error.stack} ${String(error.cause)}`).not.toContain('CANARY')
    return error.code
  }
  return 'no error'
}

test('T-ACE-MIN-08: a payload comes back, and its handle says that it never leaves', () => {
  using folder = openFolder()
  const vault = open(folder)
  const handle = vault.put(payload, { ttlDays: 7 })
  expect(ArtifactHandle.parse(handle)).toEqual(handle)
  expect(handle).toMatchObject({
    kind: 'prompt_payload',
    exportable: false,
    classification: 'high',
    retention_ttl_days: 7,
  })
  expect(handle.uri).toBe(`/encrypted/${handle.content_hash}`)
  expect(Buffer.compare(vault.get(handle), payload)).toBe(0)
  expect(vault.get(vault.put(new Uint8Array(), { ttlDays: 1 }))).toHaveLength(0)
})

test('what is on disk is ciphertext, begins with the magic, and differs each time', () => {
  using folder = openFolder()
  const vault = open(folder)
  const one = vault.put(payload, { ttlDays: 7 })
  const two = vault.put(payload, { ttlDays: 7 })
  expect(two.content_hash).not.toBe(one.content_hash)
  expect(readFileSync(fileOf(folder, one)).includes('CANARY')).toBe(false)
  expect(Buffer.from(vault.header(one)).toString('hex').startsWith(VAULT_MAGIC_HEX)).toBe(true)
  expect(readdirSync(folder.path).join()).not.toContain('CANARY')
})

test('another key is named as such', () => {
  using folder = openFolder()
  const handle = open(folder).put(payload, { ttlDays: 7 })
  expect(codeOf(() => open(folder, { key: new Uint8Array(32).fill(8) }).get(handle))).toBe('VAULT_WRONG_KEY')
})

test('every flipped bit is noticed, with and without a handle that goes along with it', () => {
  using folder = openFolder()
  const vault = open(folder)
  const handle = vault.put(payload, { ttlDays: 7 })
  const whole = readFileSync(fileOf(folder, handle))
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
      const edited = Buffer.from(whole)
      edited[position] = (edited[position] ?? 0) ^ change
      writeFileSync(fileOf(folder, handle), edited)
      expect(codeOf(() => vault.get(handle))).toBe('ARTIFACT_HASH_MISMATCH')

      // Somebody who may also edit records names the edited object by its own hash.
      const forged = forge(folder, edited, handle)
      expect(['VAULT_WRONG_KEY', 'VAULT_NOT_CIPHERTEXT', 'VAULT_EXPIRED']).toContain(codeOf(() => vault.get(forged)))
    }),
    { seed: SEED, numRuns: 150 },
  )
})

test('a later expiry written into the header does not open', () => {
  using folder = openFolder()
  const vault = open(folder)
  const handle = vault.put(payload, { ttlDays: 1 })
  const edited = readFileSync(fileOf(folder, handle))
  edited.writeBigUInt64BE(BigInt(1_000 + 400 * DAY), 16)
  const late = open(folder, { now: () => 1_000 + 2 * DAY })
  expect(codeOf(() => late.get(forge(folder, edited, handle)))).toBe('VAULT_WRONG_KEY')
})

test("two payloads in each other's place are both refused: each is named by what it is", () => {
  using folder = openFolder()
  const vault = open(folder)
  const [one, two] = [vault.put(payload, { ttlDays: 7 }), vault.put(payload, { ttlDays: 7 })]
  const bytes = readFileSync(fileOf(folder, one))
  writeFileSync(fileOf(folder, one), readFileSync(fileOf(folder, two)))
  writeFileSync(fileOf(folder, two), bytes)
  expect([codeOf(() => vault.get(one)), codeOf(() => vault.get(two))]).toEqual([
    'ARTIFACT_HASH_MISMATCH',
    'ARTIFACT_HASH_MISMATCH',
  ])
})

test('an object cut short at any length is named', () => {
  using folder = openFolder()
  const vault = open(folder)
  const handle = vault.put(payload, { ttlDays: 7 })
  const whole = readFileSync(fileOf(folder, handle))
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(fileOf(folder, handle), whole.subarray(0, length))
    expect(
      codeOf(() => vault.get(handle)),
      `${length} bytes`,
    ).toBe('VAULT_TRUNCATED')
    const forged = forge(folder, whole.subarray(0, length), handle)
    expect(['VAULT_WRONG_KEY', 'VAULT_NOT_CIPHERTEXT']).toContain(codeOf(() => vault.get(forged)))
  }
  writeFileSync(fileOf(folder, handle), Buffer.concat([whole, Buffer.from('x')]))
  expect(codeOf(() => vault.get(handle))).toBe('ARTIFACT_HASH_MISMATCH')
})

test('T-ACE-MIN-08: a plain-text object is not taken for ciphertext', () => {
  using folder = openFolder()
  const vault = open(folder)
  const plain = forge(
    folder,
    Buffer.from('CANARY in plain text, long enough to have room for a header and a tag'),
    vault.put(payload, { ttlDays: 7 }),
  )
  expect(Buffer.from(vault.header(plain)).toString('hex').startsWith(VAULT_MAGIC_HEX)).toBe(false)
  expect(codeOf(() => vault.get(plain))).toBe('VAULT_NOT_CIPHERTEXT')
})

test('T-ACE-MIN-08: a payload whose time is over is refused and removed, at the millisecond', () => {
  using folder = openFolder()
  let now = 1_000
  const vault = open(folder, { now: () => now })
  const handle = vault.put(payload, { ttlDays: 7 })
  now = 1_000 + 7 * DAY - 1
  expect(codeOf(() => vault.get(handle))).toBe('no error')
  now += 1
  expect(codeOf(() => vault.get(handle))).toBe('VAULT_EXPIRED')
  expect(codeOf(() => vault.get(handle))).toBe('ARTIFACT_MISSING')
})

test('expired payloads are removed together; foreign files are counted and left', () => {
  using folder = openFolder()
  let now = 1_000
  const vault = open(folder, { now: () => now })
  expect(vault.removeExpired()).toEqual({ removed: 0, damaged: 0 })
  const short = [1, 2, 3].map((ttlDays) => vault.put(payload, { ttlDays }))
  const long = vault.put(payload, { ttlDays: 30 })
  writeFileSync(join(folder.path, 'vault', 'README'), 'mine')
  now += 3 * DAY
  expect(vault.removeExpired()).toEqual({ removed: 3, damaged: 1 })
  for (const handle of short) expect(codeOf(() => vault.header(handle))).toBe('ARTIFACT_MISSING')
  expect(codeOf(() => vault.get(long))).toBe('no error')
})

test('a payload can be erased, once', () => {
  using folder = openFolder()
  const vault = open(folder)
  const handle = vault.put(payload, { ttlDays: 7 })
  expect([vault.erase(handle), vault.erase(handle)]).toEqual([true, false])
  expect(codeOf(() => vault.get(handle))).toBe('ARTIFACT_MISSING')
})

test('a handle that points elsewhere, or is of another kind, reaches no file', () => {
  using folder = openFolder()
  const vault = open(folder)
  const handle = vault.put(payload, { ttlDays: 7 })
  for (const change of [
    { uri: '/encrypted/../state.db' },
    { uri: `/objects/${handle.content_hash}` },
    { kind: 'report' as const },
    { size_bytes: 2 ** 40 },
    { size_bytes: Number.NaN },
  ]) {
    expect(
      codeOf(() => vault.get({ ...handle, ...change })),
      JSON.stringify(change),
    ).toBe('ARTIFACT_INVALID')
  }
  expect(codeOf(() => vault.get({ ...handle, content_hash: '../../state.db', uri: '/encrypted/../../state.db' }))).toBe(
    'ARTIFACT_MISSING',
  )
})

test('a time to live must be finite, a key must be 32 bytes, a nonce 12', () => {
  using folder = openFolder()
  for (const ttlDays of [0, -1, 1.5, Number.NaN, Infinity, 3651]) {
    expect(
      codeOf(() => open(folder).put(payload, { ttlDays })),
      String(ttlDays),
    ).toBe('ARTIFACT_INVALID')
  }
  expect(codeOf(() => open(folder, { key: new Uint8Array(31) }))).toBe('VAULT_KEY_INVALID')
  const short = openVault({
    files: folder.files,
    key,
    clock: { now: () => 0 },
    random: { bytes: () => new Uint8Array(11) },
  })
  expect(codeOf(() => short.put(payload, { ttlDays: 1 }))).toBe('ARTIFACT_INVALID')
})

test('a full disk is an error that shows nothing of the payload', () => {
  using folder = openFolder()
  const files = failing(folder.files, {
    writeAtomic: () => {
      throw new Error('ENOSPC')
    },
  })
  const vault = openVault({ files, key, clock: { now: () => 0 }, random })
  expect(codeOf(() => vault.put(payload, { ttlDays: 1 }))).toBe('ARTIFACT_STORE_FAILED')
})

test('the key of the caller may be wiped after opening', () => {
  using folder = openFolder()
  const mine = new Uint8Array(32).fill(9)
  const vault = open(folder, { key: mine })
  mine.fill(0)
  const handle = vault.put(payload, { ttlDays: 1 })
  expect(codeOf(() => open(folder, { key: new Uint8Array(32) }).get(handle))).toBe('VAULT_WRONG_KEY')
})

/** Puts bytes where a forged handle names them by their own hash. */
function forge(folder: TestFolder, object: Uint8Array, handle: ArtifactHandle): ArtifactHandle {
  const hash = hashOf(object)
  folder.files.writeAtomic(`vault/${hash.slice(0, 2)}/${hash.slice(2)}`, object)
  return { ...handle, content_hash: hash, uri: `/encrypted/${hash}`, size_bytes: object.length }
}
