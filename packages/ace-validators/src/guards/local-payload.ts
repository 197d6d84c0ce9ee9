import type { AceError, CallInput, Guard } from '@ctxlock/contracts/guards'

import { errorsOf, NOT_APPLICABLE, outcome } from './outcome.ts'

const NAME = 'LocalPayloadGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.8: a prompt kept for this machine lies encrypted in the vault and is never exportable. */
export const localPayloadGuard: Guard = {
  name: NAME,
  validateCall(input) {
    const handle = input.snapshot.local_only_payload_ref
    if (handle === undefined) return NOT_APPLICABLE
    const reasons = [
      ...(isVaultPath(handle.uri) ? [] : ['uri_outside_vault']),
      ...(handle.kind === 'prompt_payload' ? [] : ['kind']),
      ...(handle.exportable === false ? [] : ['exportable']),
    ]
    const errors = reasons.map((reason) => error('LocalPayloadViolation', { reason, artifact_id: handle.artifact_id }))
    const warnings = handle.retention_ttl_days === undefined ? ['local_payload_without_ttl'] : []
    // An address outside the vault is not opened to see what lies there.
    return outcome(errors.length > 0 ? errors : cipherErrors(handle, input), { warnings })
  },
}

/**
 * VAL-050: the address as the vault will read it: percent-decoded once, first segment exactly `encrypted`, at least one
 * more. Links are the vault's to refuse when it opens the object; a second decoding, a backslash or a dot segment is
 * refused here.
 */
export function isVaultPath(uri: string): boolean {
  if (typeof uri !== 'string' || !uri.startsWith('/')) return false
  const segments = uri.slice(1).split('/').map(decoded)
  return segments.length >= 2 && segments[0] === 'encrypted' && segments.every(isPlainSegment)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}

function isPlainSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !/[\\/%\p{Cc}]/u.test(segment)
}

/** VAL-051: the object itself, not what is said about it. */
function cipherErrors(
  handle: NonNullable<CallInput['snapshot']['local_only_payload_ref']>,
  { ports, policy }: CallInput,
): AceError[] {
  const magic = Buffer.from(policy.payload_magic, 'hex')
  const header = Buffer.from(ports.vault.header(handle)).subarray(0, magic.length)
  if (magic.length >= 4 && header.equals(magic)) return []
  return [error('LocalPayloadViolation', { reason: 'not_ciphertext', artifact_id: handle.artifact_id })]
}
