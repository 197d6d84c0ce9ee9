import type { CaseFolding } from '@ctxlock/contracts/ports'

/**
 * The text a query is compared and hashed by (ACE-024..ACE-030): NFC, white space to U+0020, controls deleted, full case
 * folding, NFC again because folding can decompose, runs of spaces collapsed, trimmed. Idempotent; format characters stay.
 */
export function normaliseQuery(text: string, folding: CaseFolding): string {
  const spaced = text
    .normalize('NFC')
    .replace(/[\p{White_Space}--[ ]]/gv, ' ')
    .replace(/\p{Cc}/gu, '')
  return folding.fold(spaced).normalize('NFC').replace(/ {2,}/g, ' ').replace(/^ | $/g, '')
}
