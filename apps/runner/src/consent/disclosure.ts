import type { RequestManifest } from '@ctxlock/contracts/call'
import type { ConsentReceipt, ProjectionPlan } from '@ctxlock/contracts/consent'
import { pathOfSourceId } from '@ctxlock/contracts/references'

/** What a person is shown before bytes leave (PROV-049). */
export interface Disclosure {
  readonly plan: ProjectionPlan
  readonly body: Uint8Array
  readonly sources: readonly DisclosedSource[]
  /** Bytes that are ours: rules, task, question and the JSON around them. */
  readonly ownBytes: number
  /** For a consent that covers more than this call: its receipt and the plan that discloses the rest. */
  readonly wider?: { readonly receipt: ConsentReceipt; readonly plan: ProjectionPlan }
}

export interface DisclosedSource {
  readonly path: string
  readonly bytes: number
  /** Line ranges, both ends included, in the order of the request. */
  readonly lines: readonly (readonly [start: number, end: number])[]
}

export function disclose(plan: ProjectionPlan, manifest: RequestManifest, body: Uint8Array): Disclosure {
  const sources = new Map<string, { bytes: number; lines: [number, number][] }>()
  let ownBytes = 0
  for (const part of manifest.parts) {
    if (part.part === 'literal') {
      ownBytes += part.length
      continue
    }
    const path = pathOfSourceId(part.source_id) ?? part.source_id
    const source = sources.get(path) ?? { bytes: 0, lines: [] }
    source.bytes += part.length
    source.lines.push([part.start_line, part.end_line])
    sources.set(path, source)
  }
  return { plan, body, ownBytes, sources: [...sources].map(([path, source]) => ({ path, ...source })) }
}
