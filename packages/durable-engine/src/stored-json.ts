import { serializeJcs, textHash, type JsonValue } from '@ctxlock/core-hash'

import { EngineError } from '@ctxlock/contracts/engine'

/** Runs hold references and hashes; a value beyond this is content that belongs into an artifact. */
const MAX_CHARACTERS = 1024 * 1024

export interface StoredJson {
  readonly text: string
  readonly hash: string
}

/** The exact text and hash of a value, not normalised: two inputs that differ in one byte are two inputs. */
export function toStoredJson(value: unknown, what: string): StoredJson {
  let text: string
  try {
    text = serializeJcs(value)
  } catch (error) {
    throw new EngineError('NOT_JSON', `Expected ${what} to be JSON data, got something else; see the cause.`, {
      cause: error,
    })
  }
  if (text.length > MAX_CHARACTERS) {
    throw new EngineError(
      'TOO_LARGE',
      `Expected ${what} of at most ${MAX_CHARACTERS} characters, got ${text.length}: store it as an artifact and pass its handle.`,
    )
  }
  return { text, hash: textHash(text) }
}

/** A value as it was stored. The column is ours, but the file may have been damaged or edited. */
export function fromStoredJson(text: unknown, what: string): JsonValue {
  if (typeof text === 'string') {
    try {
      return JSON.parse(text)
    } catch (error) {
      // The parser's message quotes the text, so it does not become our cause.
      throw corrupt(what, error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read')
    }
  }
  throw corrupt(what, 'it is not text')
}

export function corrupt(what: string, why: string): EngineError {
  return new EngineError(
    'STATE_CORRUPT',
    `The stored ${what} cannot be used: ${why}. Restore the state file from a copy.`,
  )
}
