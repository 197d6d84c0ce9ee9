import { canonicalHash } from '@ctxlock/core-hash'
import type { Extractor } from '@ctxlock/contracts/extractor'
import type { Builder } from '@ctxlock/contracts/packs'
import type { Redactor } from '@ctxlock/contracts/ports'

import { builtInExtractors } from '../extractors/built-in.ts'
import { LINE_WINDOWS } from '../extractors/line-windows.ts'
import { DEFAULT_PACK_LIMITS, type PackLimits } from './limits.ts'

const TOOL_ID = 'context_pack_builder_v0.1'
/** Changes whenever the same source could give another payload. */
const TOOL_VERSION = '2'
export const PACK_SCHEMA_VERSION = 1

export interface BuilderOptions {
  readonly redactor: Redactor
  /** Asked in this order; the first that matches reads the file. The built-in ones if left out. */
  readonly extractors?: readonly Extractor[]
  readonly limits?: Partial<PackLimits>
  /** `lines:` selectors; only these lines are scanned. */
  readonly selectorAllowlist?: readonly string[]
}

/** Who builds, and the hash of everything that can change what is built from the same source. */
export function describeBuilder(options: BuilderOptions): Builder {
  const { redactor, extractors = builtInExtractors, limits, selectorAllowlist } = options
  const config = {
    pack_schema_version: PACK_SCHEMA_VERSION,
    builder_version: TOOL_VERSION,
    extractors: [...extractors, LINE_WINDOWS].map(({ name, version }) => ({ name, version })),
    redactor: redactor.version,
    limits: { ...DEFAULT_PACK_LIMITS, ...limits },
    ...(selectorAllowlist && { selector_allowlist: selectorAllowlist.toSorted() }),
  }
  return { tool_id: TOOL_ID, tool_version: TOOL_VERSION, config_hash: canonicalHash(config) }
}
