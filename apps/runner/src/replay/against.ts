import type { SourceReader } from '@ctxlock/contracts/ports'

import type { RecordedCall } from './recorded-call.ts'
import { missingSources, sourcesOf, type MissingSource } from './recorded-sources.ts'

export interface SourcesAgainst {
  readonly checked: number
  /** Those that are not in the workspace as any call of the run had them. */
  readonly changed: readonly MissingSource[]
}

/** Which sources of a run another workspace has otherwise, or not at all. A file that the run itself edited counts as it was last. */
export function compareSources(recordings: readonly RecordedCall[], reader: SourceReader): SourcesAgainst {
  const last = new Map(recordings.flatMap(sourcesOf).map((source) => [source.path, source]))
  const sources = [...last.values()].toSorted((left, right) => (left.path < right.path ? -1 : 1))
  return { checked: sources.length, changed: missingSources(reader, sources) }
}
