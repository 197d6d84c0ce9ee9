import type { KeyObject } from 'node:crypto'

import { canonicalize, keyedDigest } from '@ctxlock/core-hash'

import { LITERAL_SALT, RECORD_SALT } from '../workspace/digest-domains.ts'

type Key = Uint8Array | KeyObject

/** As many hex digits as an event's salt. */
const SALT_DIGITS = 32

/**
 * A record of a call as it is stored. The log names it by its hash, and most of it can be guessed but for the words of a prompt, so a
 * salt goes into it that follows from the workspace's key: replay makes the same one, and nobody without the key can try words.
 */
export function saltedRecord(key: Key, record: object): Uint8Array {
  const salt = keyedDigest(key, RECORD_SALT, canonicalize(record)).slice(0, SALT_DIGITS)
  return Buffer.from(canonicalize({ ...record, salt }))
}

/** The record without its salt; one that has none is left as it is. */
export function withoutSalt(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('salt' in value)) return value
  const { salt: _, ...record } = value
  return record
}

/** Words that stand in a request, with a salt behind them; the manifest says how long the words are. */
export function saltedLiteral(key: Key, literal: Uint8Array): Uint8Array {
  return Buffer.concat([literal, Buffer.from(keyedDigest(key, LITERAL_SALT, literal).slice(0, SALT_DIGITS), 'hex')])
}
