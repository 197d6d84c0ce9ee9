// Full case folding and the versions of the shipped Unicode tables.
import { unicodeVersion } from '@ctxlock/core-hash'

import { CASE_FOLDING } from './unicode/case-folding-data.ts'
import { CONFUSABLES } from './unicode/confusables-data.ts'

export { caseFolding } from './unicode/case-folding.ts'

/** What a scan depended on; recorded in every match and in the guard-set hash (VAL-065). */
export const UNICODE_TABLES = {
  unicodeVersion: CASE_FOLDING.unicodeVersion,
  /** The version of the normaliser built into this Node; `normalize` changes with it. */
  normalizerVersion: unicodeVersion,
  caseFoldingSha256: CASE_FOLDING.sha256,
  confusablesSha256: CONFUSABLES.sha256,
} as const
