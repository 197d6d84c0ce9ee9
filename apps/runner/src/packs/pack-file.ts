import { buildContextPack, type ContextPackResult, type StoredPack } from '@ctxlock/context-pack'

import type { Session } from '../session/session.ts'

/** Packs one file, or takes its pack again when nothing changed (CP-020), and keeps the record. The caller's transaction holds. */
export function packFile(session: Session, path: string, previous: StoredPack | undefined): ContextPackResult {
  const result = buildContextPack({
    ...session.packBuilding,
    path,
    reader: session.reader,
    store: session.artifacts,
    clock: session.environment.clock,
    tokenCounter: session.counter,
    findReusable: session.packCache.findByReuseKey,
    ...(previous && { previous }),
  })
  if (result.status !== 'not_packed') {
    session.packCache.put({
      record: result.record,
      tokens: { counterId: session.counter.id, count: result.source.tokens },
    })
  }
  return result
}
