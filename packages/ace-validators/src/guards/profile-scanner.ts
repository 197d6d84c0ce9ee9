import { PatternPackId, type ScanPolicy } from '@ctxlock/contracts/guards'

import { PATTERN_PACKS, type PatternPack } from '../packs.ts'
import { createScanner, type Scanner } from '../scanner/scan.ts'
import { ValidatorError } from '../validator-error.ts'

let compiled: { readonly key: string; readonly scanner: Scanner } | undefined

/**
 * The scanner of a policy profile. Kept for the next call of the same one: compiling costs more than a scan. Throws
 * `PATTERN_INVALID` (VAL-038, VAL-040).
 */
export function scannerFor({ injection_patterns, injection_packs, quarantine_view }: ScanPolicy): Scanner {
  const key = JSON.stringify([injection_patterns.map(({ id, text }) => [id, text]), injection_packs, quarantine_view])
  if (compiled?.key !== key) {
    const packs = injection_packs.map(packOf)
    compiled = { key, scanner: createScanner({ patterns: injection_patterns, packs, quarantineView: quarantine_view }) }
  }
  return compiled.scanner
}

function packOf(id: string): PatternPack {
  const pack = PATTERN_PACKS.find((known) => known.id === id)
  if (pack) return pack
  const known = PatternPackId.options.join(', ')
  throw new ValidatorError('PATTERN_INVALID', `There is no pattern pack ${JSON.stringify(id)}; known are ${known}.`)
}
