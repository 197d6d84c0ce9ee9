import { caseFolding } from '../unicode/case-folding.ts'

/**
 * The normalised query of ACE-026, written a second time on purpose: a guard does not ask the component it checks. NFC,
 * White_Space to spaces, other controls away, full case folding, NFC, runs of spaces to one, trimmed.
 */
export function normalizedQuery(text: string): string {
  const spaced = text
    .normalize('NFC')
    .replace(/\p{White_Space}/gu, ' ')
    .replace(/\p{Cc}/gu, '')
  return caseFolding.fold(spaced).normalize('NFC').replace(/ {2,}/g, ' ').replace(/^ | $/g, '')
}
