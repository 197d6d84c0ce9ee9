import { canonicalHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { builtPair } from '../../test/governed.ts'
import { CANARIES, clock, memoryReader, memoryStore, testRedactor, tokenCounter } from '../../test/support.ts'
import { buildContextPack } from '../pack/context-pack.ts'
import { redactedExport } from './redacted-export.ts'

const { rolePack, workUnitPack } = builtPair({}, { task: { title: 'Keep CODENAME quiet', scope: 's', actions: ['a'] } })

test('an export is the pack, field for field, under its own hash', () => {
  const exported = redactedExport(rolePack.pack, testRedactor)
  expect(exported).toEqual({ hash: rolePack.pack.pack_hash, pack: rolePack.pack, removed: [] })
})

test('a newer redactor removes more, visibly, and the hash stays that of the pack', () => {
  const stricter = {
    version: 'stricter',
    detect: testRedactor.detect,
    redact: (text: string) =>
      text.includes('CODENAME')
        ? {
            text: text.replace('CODENAME', '[REDACTED:pii:codename]'),
            findings: [{ category: 'pii' as const, detector_id: 'codename', start: 5, end: 13 }],
          }
        : testRedactor.redact(text),
  }
  const exported = redactedExport(workUnitPack.pack, stricter)
  expect(exported.hash).toBe(workUnitPack.pack.pack_hash)
  expect(exported.removed).toEqual([{ location: '/task/title', category: 'pii', detector_id: 'codename', count: 1 }])
  expect(exported.pack).toMatchObject({
    task: { title: 'Keep [REDACTED:pii:codename] quiet' },
    pack_hash: workUnitPack.pack.pack_hash,
  })
})

describe('T-X-CP-02', () => {
  test('what redaction removed from a context pack is not in its export', () => {
    for (const secret of Object.values(CANARIES)) {
      const store = memoryStore()
      const reader = memoryReader({ 'a.md': `# ${secret.replaceAll('\n', ' ')}\n\n${secret}\n` })
      const result = buildContextPack({ path: 'a.md', reader, redactor: testRedactor, store, clock, tokenCounter })
      if (result.status !== 'built') continue
      const exported = redactedExport(result.payload, testRedactor)
      expect(exported.hash).toBe(canonicalHash(result.payload))
      for (const piece of secret.split('\n')) expect(JSON.stringify(exported)).not.toContain(piece)
    }
  })

  test('a secret in an id refuses the export', () => {
    const pack = { ...rolePack.pack, policy_profile_id: CANARIES['secret_aws'] ?? '' }
    expect(() => redactedExport(pack, testRedactor)).toThrow(expect.objectContaining({ code: 'PACK_SECRET_DETECTED' }))
  })
})
