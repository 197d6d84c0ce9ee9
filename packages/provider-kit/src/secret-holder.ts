import { inspect } from 'node:util'

import type { SecretHolder } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'

const REDACTED = '[REDACTED:api_key:provider]'
// What may stand in a header; CR and LF would let a key carry further headers.
const HEADER_VALUE = /^[\x21-\x7e]{1,8192}$/

/**
 * Holds the way to a secret, not the secret: `read` is called when a request is about to be sent (PROV-031). Every string,
 * JSON and inspect form is `[REDACTED:api_key:provider]`. Without `read` the provider declares no secret. `bearer` throws
 * `invalid_config` when the declared secret is missing or cannot stand in a header (PROV-034).
 */
export function createSecretHolder(read?: () => string | undefined): SecretHolder {
  return new PrivateSecret(read)
}

class PrivateSecret implements SecretHolder {
  readonly #read: (() => string | undefined) | undefined

  constructor(read: (() => string | undefined) | undefined) {
    this.#read = read
  }

  get present(): boolean {
    return this.#read !== undefined
  }

  bearer(): string {
    const value = this.#read?.()
    if (value === undefined || value === '') throw invalid('the secret its record names is missing')
    if (!HEADER_VALUE.test(value)) throw invalid('the secret holds characters that no header may carry')
    return `Bearer ${value}`
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [Symbol.toPrimitive](): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}

function invalid(why: string): ProviderError {
  return new ProviderError('invalid_config', `A provider cannot be called: ${why}.`, { attempts: 0, reason: 'secret' })
}
