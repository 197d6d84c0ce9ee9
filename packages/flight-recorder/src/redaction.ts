import { rewriteOpenStrings } from '@ctxlock/contracts/events'
import type { UnhashedEvent } from '@ctxlock/contracts/events'
import { SECRET_CATEGORIES } from '@ctxlock/contracts/ports'
import type { Redactor } from '@ctxlock/contracts/ports'

const MAX_TEXT_CODE_POINTS = 512
const MAX_REMEMBERED = 4096

/**
 * Makes the function that redacts the open strings of an event in place and says whether it changed any (REC-012).
 * Strings come out in NFC, as they will be stored: NFC can make a string longer, so its bound must be checked on that form.
 */
export function createRedaction(redactor: Redactor): (event: UnhashedEvent) => boolean {
  // Ids repeat from event to event. Only strings with nothing to redact are remembered.
  const clean = { text: new Set<string>(), identifier: new Set<string>(), reference: new Set<string>() }
  let version = redactor.version

  return (event) => {
    if (redactor.version !== version) {
      version = redactor.version
      for (const set of Object.values(clean)) set.clear()
    }
    let changed = false
    rewriteOpenStrings(event, (text, kind) => {
      if (clean[kind].has(text)) return text
      const rewritten = rewrite(text.normalize('NFC'), kind, redactor)
      if (rewritten === text) remember(clean[kind], text)
      else changed = true
      return rewritten
    })
    return changed
  }
}

function rewrite(text: string, kind: 'text' | 'identifier' | 'reference', redactor: Redactor): string {
  // Every workspace path looks like a path to the path detector; in a reference only secrets count.
  if (kind === 'reference' && !redactor.detect(text).some(({ category }) => SECRET_CATEGORIES.has(category)))
    return text
  const redacted = redactor.redact(text).text
  if (kind !== 'text' || redacted === text) return redacted
  // A marker may be longer than the secret was.
  return Array.from(redacted).slice(0, MAX_TEXT_CODE_POINTS).join('')
}

function remember(clean: Set<string>, text: string): void {
  if (clean.size >= MAX_REMEMBERED) clean.clear()
  clean.add(text)
}
