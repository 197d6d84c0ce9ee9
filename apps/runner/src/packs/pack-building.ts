import type { BuilderOptions } from '@ctxlock/context-pack'
import type { Extractor } from '@ctxlock/contracts/extractor'
import type { Redactor } from '@ctxlock/contracts/ports'

import type { ResolvedConfig } from '../workspace/default-config.ts'

export interface PackBuilding extends BuilderOptions {
  readonly extractors: readonly Extractor[]
}

/** How packs are built in this workspace: the same in every command and on every thread, or hashes would differ. */
export function packBuilding(
  config: ResolvedConfig,
  redactor: Redactor,
  extractors: readonly Extractor[],
): PackBuilding {
  return { redactor, extractors, limits: { maxSourceBytes: config.sources.maxFileBytes } }
}
