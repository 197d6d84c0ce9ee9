import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { buildContextPack, prepareExtractors } from '@ctxlock/context-pack'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { configuredExtractors } from './extractors.ts'
import { packBuilding } from './pack-building.ts'

/** What makes the pack of a source. */
export interface ReadBy {
  /** `name@version` */
  readonly extractor: string
  readonly anchors: number
  /** Why the extractor for such a path does not: its source is cut into windows of lines. */
  readonly fallback_reason?: string
}

/** Reads a source as `lock` would, and keeps nothing; undefined for one that gets no pack. Throws `PLUGINS_INVALID`. */
export async function readBy(root: string, path: string, config: ResolvedConfig): Promise<ReadBy | undefined> {
  const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
  await prepareExtractors(extractors, [path])
  const built = buildContextPack({
    ...packBuilding(config, createRedactor(), extractors),
    path,
    reader: createWorkspaceReader(root),
    store: discardingStore,
    clock: nodeEnvironment.clock,
    tokenCounter: codePointsPerFour,
  })
  if (!('payload' in built)) return undefined
  const { anchors, coverage } = built.payload
  const { extractor, fallback_reason } = coverage
  if (extractor === undefined) return undefined
  return { extractor, anchors: anchors.length, ...(fallback_reason !== undefined && { fallback_reason }) }
}
