import type { KeyObject } from 'node:crypto'

import { canonicalize, keyedDigest } from '@ctxlock/core-hash'

import { LITERAL_SALT, RECORD_SALT } from './digest-domains.ts'

type Key = Uint8Array | KeyObject

/** As many hex digits as an event's salt. */
const SALT_DIGITS = 32

/**
 * A record of a call as it is stored. The log names it by its hash, and most of it can be guessed but for the words of a prompt, so a
 * salt goes into it that follows from the workspace's key: replay makes the same one, and nobody without the key can try words.
 */
export function saltedRecord(key: Key, record: object): Uint8Array {
  // A canonical text has its keys in order. In two parts, between which the salt belongs, the words are written once and not twice.
  const members = Object.entries(record)
  const before = membersText(members.filter(([name]) => name < 'salt'))
  const after = membersText(members.filter(([name]) => name > 'salt'))
  const salt = keyedDigest(key, RECORD_SALT, recordText([before, after])).slice(0, SALT_DIGITS)
  return Buffer.from(recordText([before, `"salt":"${salt}"`, after]))
}

function membersText(members: readonly (readonly [string, unknown])[]): string {
  return canonicalize(Object.fromEntries(members)).slice(1, -1)
}

function recordText(parts: readonly string[]): string {
  return `{${parts.filter((part) => part !== '').join(',')}}`
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
