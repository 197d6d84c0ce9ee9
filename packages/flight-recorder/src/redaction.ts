import { rewriteOpenStrings } from '@ctxlock/contracts/events'
import type { UnhashedEvent } from '@ctxlock/contracts/events'
import { SECRET_CATEGORIES } from '@ctxlock/contracts/ports'
import type { Redactor } from '@ctxlock/contracts/ports'

const MAX_TEXT_CODE_POINTS = 512
const MAX_REMEMBERED = 4096

type TextKind = 'text' | 'identifier' | 'reference'

/**
 * What a redactor does to the open strings of an event (REC-012). Strings come out in NFC, as they will be stored: NFC can make a
 * string longer, so its bound must be checked on that form.
 */
export interface Redaction {
  /** Forgets what a redactor of another version said. To be called before the others, once for some events. */
  refresh(): void
  /** True for a string that stays as it is. Another function for each version: it may be remembered what one said. */
  readonly isClean: (text: string, kind: TextKind) => boolean
  /** Redacts an event in place and says whether it changed; then it has to be checked again. */
  redact(event: UnhashedEvent): boolean
}

export function createRedaction(redactor: Redactor): Redaction {
  // Ids repeat from event to event. Only strings with nothing to redact are remembered.
  const clean = { text: new Set<string>(), identifier: new Set<string>(), reference: new Set<string>() }
  let version = redactor.version
  let isClean = newJudge()

  function newJudge(): Redaction['isClean'] {
    return (text, kind) => clean[kind].has(text) || redacted(text, kind) === text
  }

  function redacted(text: string, kind: TextKind): string {
    const rewritten = rewrite(text.normalize('NFC'), kind, redactor)
    if (rewritten === text) remember(clean[kind], text)
    return rewritten
  }

  return {
    refresh() {
      if (redactor.version === version) return
      version = redactor.version
      for (const set of Object.values(clean)) set.clear()
      isClean = newJudge()
    },
    get isClean() {
      return isClean
    },
    redact(event) {
      let changed = false
      rewriteOpenStrings(event, (text, kind) => {
        const rewritten = clean[kind].has(text) ? text : redacted(text, kind)
        changed ||= rewritten !== text
        return rewritten
      })
      return changed
    },
  }
}

function rewrite(text: string, kind: TextKind, redactor: Redactor): string {
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
