import { createPrivateKey, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'

import { openKeyFile, readKeyFile, signingKeyPath } from '../environment/key-file.ts'

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key that signs the logs of this person, made on first use. */
export function openSigningKey(variables: NodeJS.ProcessEnv): KeyObject {
  return privateKeyOf(openKeyFile(signingKeyPath(variables)))
}

/** The key, if there is one: looking at a log makes none. */
export function findSigningKey(variables: NodeJS.ProcessEnv): KeyObject | undefined {
  const path = signingKeyPath(variables)
  return existsSync(path) ? privateKeyOf(readKeyFile(path)) : undefined
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}
