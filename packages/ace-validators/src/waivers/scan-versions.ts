import type { ScanPolicy } from '@ctxlock/contracts/guards'
import type { ScanVersions } from '@ctxlock/contracts/waivers'
import { canonicalHash } from '@ctxlock/core-hash'

import { GUARD_VERSION } from '../guard-version.ts'
import { PATTERN_PACKS } from '../packs.ts'
import { TABLE_VERSION } from '../scanner/matches.ts'
import { BUILT_IN_PATTERNS } from '../scanner/patterns.ts'

/** What the verdicts of a profile's scanner depend on; a waiver holds under no other. */
export function scanVersions({ injection_patterns, injection_packs, quarantine_view }: ScanPolicy): ScanVersions {
  const packs = PATTERN_PACKS.filter(({ id }) => injection_packs.some((chosen) => chosen === id))
  return {
    pattern_pack_sha256: canonicalHash({
      patterns: [...BUILT_IN_PATTERNS, ...injection_patterns].map(({ id, text }) => ({ id, text })),
      packs: packs.map(({ id, version }) => ({ id, version })),
      quarantine_view,
    }),
    guard_version: GUARD_VERSION,
    unicode_version: TABLE_VERSION,
  }
}
