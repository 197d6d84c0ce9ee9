// Pattern packs: what a profile may look for besides the mandatory patterns.
import { MISSPELLINGS } from './packs/misspellings.ts'
import { OTHER_LANGUAGES } from './packs/other-languages.ts'
import { OVERRIDE_PHRASES } from './packs/override-phrases.ts'
import { TOOL_CALL_LURES } from './packs/tool-call-lures.ts'
import type { PatternPack } from './packs/pattern-pack.ts'

export type { PatternPack } from './packs/pattern-pack.ts'

/** The packs this package brings. */
export const PATTERN_PACKS: readonly PatternPack[] = [OVERRIDE_PHRASES, TOOL_CALL_LURES, OTHER_LANGUAGES, MISSPELLINGS]
