import type { CaseFolding } from '@ctxlock/contracts/ports'

import { CASE_FOLDING } from './case-folding-data.ts'
import { mapCodePoints, parseCodePointMap, type CodePointMap } from './code-point-map.ts'

let table: CodePointMap | undefined

// Everything outside ASCII. Testing is far cheaper than mapping, and most source code is ASCII.
const BEYOND_ASCII = /[^\0-\x7f]/

/**
 * Full case folding, statuses C and F of CaseFolding.txt, by the table shipped with this package (ACE-027, VAL-065).
 * No normalisation, no locale. `toLowerCase` is something else: it keeps `ß` and depends on the Node build.
 */
export const caseFolding: CaseFolding = {
  unicodeVersion: CASE_FOLDING.unicodeVersion,
  fold(text) {
    if (!BEYOND_ASCII.test(text)) return text.toLowerCase()
    table ??= parseCodePointMap(CASE_FOLDING.data)
    return mapCodePoints(text, table)
  },
}
