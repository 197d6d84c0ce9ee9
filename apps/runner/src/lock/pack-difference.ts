import type { ContextPackPayload } from '@ctxlock/contracts/packs'

export interface PackDifference {
  /** Anchors by the words that stand there. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Anchors that stand at other lines than before. */
  readonly moved: readonly { readonly hint: string; readonly from: string; readonly to: string }[]
  readonly synopsisChanged: boolean
}

/** What differs between two packs of one file: the places a model would be pointed to. */
export function packDifference(before: ContextPackPayload, after: ContextPackPayload): PackDifference {
  const old = placesByHint(before)
  const now = placesByHint(after)
  return {
    added: [...now.keys()].filter((hint) => !old.has(hint)),
    removed: [...old.keys()].filter((hint) => !now.has(hint)),
    moved: [...now].flatMap(([hint, to]) => {
      const from = old.get(hint)
      return from === undefined || from === to ? [] : [{ hint, from, to }]
    }),
    synopsisChanged: before.synopsis !== after.synopsis,
  }
}

function placesByHint({ anchors }: ContextPackPayload): ReadonlyMap<string, string> {
  return new Map(anchors.map(({ excerpt_hint, source_ref }) => [excerpt_hint, source_ref.selector ?? '']))
}
