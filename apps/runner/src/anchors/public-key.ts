import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { parseVerifierKey } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** The key of a log: `<name>+<id>+<key>`, or what stands in the file that is named. Throws `KEY_INVALID`. */
export function readPublicKey(given: string): string {
  const text = keyText(given)
  if (text.startsWith('-----BEGIN')) throw invalidKey('`<name>+<id>+<key>`, because PEM does not name the log', given)
  return text
}

/** The key of a statement: in that form, or a file with it as PEM, as `ctxlock export statement` writes it for other tools. Throws `KEY_INVALID`. */
export function readStatementKey(given: string): KeyObject {
  const text = keyText(given)
  const key = parseVerifierKey(text)?.publicKey ?? pemKey(text)
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw invalidKey('an Ed25519 key as `<name>+<id>+<key>` or as PEM', given)
}

function keyText(given: string): string {
  if (/^[^\s+]+\+[0-9a-f]{8}\+/.test(given)) return given
  try {
    return readFileSync(given, 'utf8').trim()
  } catch (error) {
    throw invalidKey('`<name>+<id>+<key>` or a file that holds it', given, error)
  }
}

function pemKey(text: string): KeyObject | undefined {
  try {
    return createPublicKey(text)
  } catch {
    return undefined
  }
}

function invalidKey(expected: string, given: string, cause?: unknown): CommandError {
  return new CommandError(
    {
      exit: EXIT_CODE.usage,
      code: 'KEY_INVALID',
      message: `expected --key as ${expected}, got ${JSON.stringify(given.slice(0, 80))}`,
      hint: '`ctxlock prove` prints the public key of the log.',
    },
    { cause },
  )
}
