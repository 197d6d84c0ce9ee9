import type { ScanPolicy } from '@ctxlock/contracts/guards'

import type { ResolvedPolicy } from '../workspace/default-config.ts'

/** What the scanner looks for under this profile: in a call, and when sources are scanned before one. */
export function scanPolicy({ injectionPatterns, injectionPacks }: ResolvedPolicy): ScanPolicy {
  return { injection_patterns: injectionPatterns, injection_packs: injectionPacks, quarantine_view: true }
}
