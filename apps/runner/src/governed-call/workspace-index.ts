import { syncIndex, type IndexSync } from '@ctxlock/context-compiler'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import { SECRET_CATEGORIES, type Redactor } from '@ctxlock/contracts/ports'
import { bytesHash } from '@ctxlock/core-hash'

import type { Session } from '../session/session.ts'

/**
 * Brings the lexical index up to what the files say now: every file is read and hashed, only changed ones are indexed anew.
 * What nobody wrote by hand and words of secrets never enter it.
 */
export function syncWorkspaceIndex(session: Session, progress: (text: string) => void): IndexSync {
  const { files } = session.listing()
  const { sourceExclusion } = session
  let done = 0
  function* indexed() {
    for (const { path } of files) {
      done += 1
      if (done % 500 === 0) progress(`reading sources: ${done} of ${files.length}`)
      if (sourceExclusion.ofPath(path) !== undefined) continue
      const read = session.reader.read(path, { maxBytes: session.config.sources.maxFileBytes })
      if (read.status !== 'read') continue
      const { bytes } = read
      if (sourceExclusion.ofContent(path, bytes) !== undefined) continue
      yield {
        path,
        hash: bytesHash(bytes),
        get text() {
          const text = decodeSourceText(bytes)
          return text === undefined ? undefined : maskSecrets(text, session.redactor)
        },
      }
    }
  }
  return syncIndex(session.state.database, { files: indexed() })
}

/** The text with every secret blanked out, line by line as it was. */
function maskSecrets(text: string, redactor: Redactor): string {
  let masked = ''
  let cursor = 0
  for (const { category, start, end } of redactor.detect(text)) {
    if (!SECRET_CATEGORIES.has(category) || start < cursor) continue
    masked += text.slice(cursor, start) + text.slice(start, end).replace(/[^\n]/g, ' ')
    cursor = end
  }
  return masked + text.slice(cursor)
}
