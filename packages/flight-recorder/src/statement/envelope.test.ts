// The envelope is read by code of sigstore, so that no misreading of ours can hide in both ends.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'

import { envelopeFromJSON } from '@sigstore/bundle'
import { crypto, dsse } from '@sigstore/core'
import type { RunStatement } from '@ctxlock/contracts/run-statement'
import { expect, test } from 'vitest'

import { openEnvelope, signStatement } from './envelope.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const hash = 'ab'.repeat(32)
const statement: RunStatement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'src/größe.ts', digest: { sha256: hash } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'urn:ctxlock:builds:governed-run:v1',
      externalParameters: { command: 'run' },
      internalParameters: { registry_hash: hash, profile_hash: hash, profile_id: 'default' },
      resolvedDependencies: [{ name: 'a-model', uri: 'urn:ctxlock:model:local' }],
    },
    runDetails: {
      builder: { id: 'urn:ctxlock:runner', version: { ctxlock: '0.1.0' } },
      metadata: { invocationId: '00000000-0000-4000-8000-000000000001', startedOn: '2026-01-01T00:00:00.000Z' },
      byproducts: [],
    },
  },
}
const envelope = signStatement(statement, privateKey)

test('sigstore reads the envelope, encodes the same bytes and accepts the signature', () => {
  const read = envelopeFromJSON(envelope)
  const [signature] = read.signatures
  const encoded = dsse.preAuthEncoding(read.payloadType, read.payload)
  expect(
    crypto.verify(
      encoded,
      createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
      signature?.sig ?? Buffer.of(),
    ),
  ).toBe(true)
  expect(JSON.parse(read.payload.toString())).toEqual(statement)
  expect(read.payloadType).toBe('application/vnd.in-toto+json')
})

test('what the key signed is read back; anything else is refused', () => {
  expect(openEnvelope(envelope, publicKey)).toEqual({ ok: true, statement })
  expect(signStatement(statement, privateKey)).toEqual(envelope)
  const other = generateKeyPairSync('ed25519').publicKey
  expect(openEnvelope(envelope, other)).toEqual({ ok: false, problem: 'not_signed_with_this_key' })
  const changed = {
    ...envelope,
    payload: Buffer.from(JSON.stringify({ ...statement, subject: [] })).toString('base64'),
  }
  expect(openEnvelope(changed, publicKey)).toEqual({ ok: false, problem: 'not_signed_with_this_key' })
  const otherType = { ...envelope, payloadType: 'application/json' }
  expect(openEnvelope(otherType, publicKey)).toEqual({ ok: false, problem: 'no_envelope' })
  expect(openEnvelope('{}', publicKey)).toEqual({ ok: false, problem: 'no_envelope' })
})

test('a signed payload that is no statement of a run is refused', () => {
  // @ts-expect-error a statement of another kind, as other tools sign them
  const foreign = signStatement({ ...statement, predicateType: 'https://example.com/other' }, privateKey)
  expect(openEnvelope(foreign, publicKey)).toEqual({ ok: false, problem: 'no_statement' })
})
