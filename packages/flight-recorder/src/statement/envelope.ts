// DSSE (dsse protocol 1.0.2, envelope 1.0.0) around an in-toto statement, as attestation tools read it.
import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'

import { RunStatement, StatementEnvelope } from '@ctxlock/contracts/run-statement'
import { canonicalize } from '@ctxlock/core-hash'

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** Signs the canonical text of a statement; the same statement and key give the same envelope. */
export function signStatement(statement: RunStatement, privateKey: KeyObject): StatementEnvelope {
  const payload = Buffer.from(canonicalize(statement))
  const sig = sign(null, preAuthEncoding(payload), privateKey).toString('base64')
  const keyid = keyIdOf(createPublicKey(privateKey))
  return { payloadType: PAYLOAD_TYPE, payload: payload.toString('base64'), signatures: [{ keyid, sig }] }
}

export type OpenedEnvelope =
  | { readonly ok: true; readonly statement: RunStatement }
  | { readonly ok: false; readonly problem: 'no_envelope' | 'not_signed_with_this_key' | 'no_statement' }

/** Reads an envelope nobody vouches for: the statement is believed only when the key signed it. */
export function openEnvelope(value: unknown, publicKey: KeyObject): OpenedEnvelope {
  const envelope = StatementEnvelope.safeParse(value)
  if (!envelope.success) return { ok: false, problem: 'no_envelope' }
  const payload = Buffer.from(envelope.data.payload, 'base64')
  const isSigned = envelope.data.signatures.some(({ sig }) =>
    verify(null, preAuthEncoding(payload), publicKey, Buffer.from(sig, 'base64')),
  )
  if (!isSigned) return { ok: false, problem: 'not_signed_with_this_key' }
  const statement = RunStatement.safeParse(jsonIn(payload))
  return statement.success ? { ok: true, statement: statement.data } : { ok: false, problem: 'no_statement' }
}

/** What is signed: type and payload with their lengths in bytes, so that no two envelopes share a signature. */
function preAuthEncoding(payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload])
}

function keyIdOf(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ format: 'der', type: 'spki' }))
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
