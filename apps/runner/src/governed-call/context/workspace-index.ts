import { syncIndex, type IndexSync } from '@ctxlock/context-compiler'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import { SECRET_CATEGORIES, type Redactor } from '@ctxlock/contracts/ports'

import { workspaceSources } from '../../environment/workspace-sources.ts'
import type { Session } from '../../session/session.ts'

/**
 * Brings the lexical index up to what the files say now: every file is read and hashed, only changed ones are indexed anew.
 * What nobody wrote by hand and words of secrets never enter it.
 */
export function syncWorkspaceIndex(session: Session, progress: (text: string) => void): IndexSync {
  function* indexed() {
    for (const { path, hash, bytes } of workspaceSources(session, progress)) {
      yield {
        path,
        hash,
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
