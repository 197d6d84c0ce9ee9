import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { originOf } from '../log-tables.ts'
import { onDatabase } from '../recorder-error.ts'
import { formatVerifierKey, verifierOf } from './signed-note.ts'

/** The public key of a log as one line of text, `<origin>+<id>+<key>`: all that somebody else needs to check its proofs. Code: HSK-500-DB. */
export function logPublicKey({ database, key }: { readonly database: SqlDatabase; readonly key: KeyObject }): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const origin = onDatabase('Reading the name of the log', () => originOf(database))
  return formatVerifierKey(verifierOf(origin, publicKey))
}
