import { readdirSync, readFileSync } from 'node:fs'

import { bytesHash, canonicalHash, parseCanonical } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { parseLockfile } from '../src/lockfile/lockfile-parser.ts'
import { verifyRolePack } from '../src/roles/role-pack.ts'
import { verifyWorkUnitPack } from '../src/roles/work-unit-pack.ts'
import { vectorFiles } from './vector-cases.ts'

const folder = new URL('../../../vectors/packs/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const bytes = (text: string) => new TextEncoder().encode(text)

test('every vector is what is built today, and nothing else is committed', () => {
  const files = vectorFiles()
  expect(
    readdirSync(folder)
      .filter((name) => name !== 'README.md')
      .sort(),
  ).toEqual([...files.keys()].sort())
  for (const [name, content] of files) expect([name, read(name)]).toEqual([name, content])
})

test.each(readdirSync(folder).filter((name) => name.startsWith('context-pack-')))('%s hashes as it says', (name) => {
  const { source, record, canonical_payload } = JSON.parse(read(name))
  expect(bytesHash(bytes(canonical_payload))).toBe(record.payload_hash)
  expect(canonicalHash(parseCanonical(bytes(canonical_payload)))).toBe(record.payload_hash)
  expect(bytesHash(bytes(source))).toBe(record.source_hashes[0])
})

test('packs and lockfile are accepted by their readers', () => {
  const rolePack = verifyRolePack(bytes(read('role-pack.json').trim()))
  expect(verifyWorkUnitPack(bytes(read('work-unit-pack.json').trim()), { rolePack }).role_pack_hash).toBe(
    rolePack.pack_hash,
  )
  expect(parseLockfile(read('example.lock')).roles).toEqual([{ role: 'worker', pack: rolePack.pack_hash }])
})
