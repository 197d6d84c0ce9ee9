import type { SecretHolder } from '@ctxlock/contracts/plugin'

import { comparedFolded, foldedText } from './folded-text.ts'
import { comparedVerbatim, coverShared, masked } from './shared-stretches.ts'

const MAX_CODE_POINTS = 200
// More than is ever shown, so that redaction sees what a cut would have split; less than a hostile body could cost.
const EXAMINED = 4000
const SECRET_MARK = '[REDACTED:api_key:provider]'
const REQUEST_MARK = '[request text]'
const KEY_SIZE = { window: 6, shortest: 1 }
const REQUEST_SIZE = { window: 16, shortest: 6 }
// Without white space, about as much as the sixteen characters above.
const FOLDED_SIZE = { window: 12, shortest: 6 }

const SECRET_SHAPES = [
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{4,}/gi,
  /\b(?:sk|pk|rk|gsk|key|xai|hf|api)[-_][\w*.-]{4,}/gi,
  /\b[\w-]*(?:key|token|secret|password|signature|sig|auth)=[^\s&"'<>]+/gi,
  /\beyJ[\w-]{10,}(?:\.[\w-]+){1,2}/g,
  /\b(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)\w{24,}\b/g,
]

export interface PrivateTexts {
  readonly secret: SecretHolder
  /** Texts of the request that a server might echo: prompts, messages, tool results. */
  readonly request: readonly string[]
}

/**
 * What of a server's text may be shown (PROV-008): no markup, no part of the provider's key, no other key, no echo of the
 * request in whatever spelling a server's language prints it, one line, at most 200 code points. The server controls every
 * character of it.
 */
export function errorText(text: string, secrets: PrivateTexts): string {
  const plain = text.slice(0, EXAMINED)
  if (isPage(plain)) return '(an HTML page)'
  // Before the other keys: a mark inside an echo would leave pieces of it that are too short to be recognised.
  let shown = withoutRequest(withoutKey(plain, secrets), secrets.request, foldedOf(secrets.request))
  for (const shape of SECRET_SHAPES) shown = shown.replace(shape, SECRET_MARK)
  return oneLine(shown)
}

/** Whether a text is a page for people, or part of one. */
export function isPage(text: string): boolean {
  return /<\s*(?:!doctype|html|head|body|h\d|title|script)\b/i.test(text.slice(0, EXAMINED))
}

/**
 * A name or an id that a server gave, fit to be recorded: no part of the provider's key, no echo of the request, one line, at
 * most 200 code points. Long random ids stay, which in an error text count as keys.
 */
export function serverWord(text: string, secrets: PrivateTexts): string {
  return oneLine(withoutRequest(withoutKey(text.slice(0, EXAMINED), secrets), secrets.request, []))
}

function withoutKey(text: string, { secret }: PrivateTexts): string {
  const covered = new Uint8Array(text.length)
  coverShared(covered, comparedVerbatim(text), keyOf(secret), KEY_SIZE)
  return masked(text, covered, SECRET_MARK)
}

function withoutRequest(text: string, request: readonly string[], folded: readonly string[]): string {
  const covered = new Uint8Array(text.length)
  const verbatim = comparedVerbatim(text)
  for (const part of request) coverShared(covered, verbatim, part, REQUEST_SIZE)
  if (folded.length > 0) {
    const compared = comparedFolded(text)
    for (const part of folded) coverShared(covered, compared, part, FOLDED_SIZE)
  }
  return masked(text, covered, REQUEST_MARK)
}

// Several texts of one response are held against one request.
const foldedRequests = new WeakMap<readonly string[], readonly string[]>()

function foldedOf(request: readonly string[]): readonly string[] {
  const folded = foldedRequests.get(request) ?? request.map(foldedText)
  foldedRequests.set(request, folded)
  return folded
}

function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim()
  return Array.from(line).slice(0, MAX_CODE_POINTS).join('')
}

function keyOf(secret: SecretHolder): string {
  try {
    return secret.present ? secret.bearer().replace(/^Bearer /, '') : ''
  } catch {
    return '' // A secret that cannot be read was not sent either.
  }
}
