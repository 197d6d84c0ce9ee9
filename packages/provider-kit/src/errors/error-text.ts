import type { SecretHolder } from '@ctxlock/contracts/plugin'

const MAX_CODE_POINTS = 200
// More than is ever shown, so that redaction sees what a cut would have split; less than a hostile body could cost.
const EXAMINED = 4000
const SECRET_MARK = '[REDACTED:api_key:provider]'

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
 * request, one line, at most 200 code points. The server controls every character of it.
 */
export function errorText(text: string, secrets: PrivateTexts): string {
  const plain = text.slice(0, EXAMINED)
  if (/<\s*(?:!doctype|html|head|body|h\d|title|script)\b/i.test(plain)) return '(an HTML page)'
  let shown = withoutKey(plain, secrets)
  for (const shape of SECRET_SHAPES) shown = shown.replace(shape, SECRET_MARK)
  return oneLine(withoutRequest(shown, secrets))
}

/**
 * A name or an id that a server gave, fit to be recorded: no part of the provider's key, no echo of the request, one line, at
 * most 200 code points. Long random ids stay, which in an error text count as keys.
 */
export function serverWord(text: string, secrets: PrivateTexts): string {
  return oneLine(withoutRequest(withoutKey(text.slice(0, EXAMINED), secrets), secrets))
}

function withoutKey(text: string, { secret }: PrivateTexts): string {
  return maskShared(text, keyOf(secret), { window: 6, shortest: 1 }, SECRET_MARK)
}

function withoutRequest(text: string, { request }: PrivateTexts): string {
  return request.reduce((shown, part) => maskShared(shown, part, { window: 16, shortest: 6 }, '[request text]'), text)
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

/** A stretch as long as the window holds a whole aligned half of one: looking for those is enough to rule most texts out. */
function mayShare(text: string, hidden: string, window: number): boolean {
  const half = Math.floor(window / 2)
  for (let at = 0; at + half <= text.length; at += half) if (hidden.includes(text.slice(at, at + half))) return true
  return false
}

/**
 * Replaces every stretch of at least `window` characters that also stands in `hidden`. A hidden text below the window is
 * replaced as a whole, unless it is so short that it says nothing.
 */
function maskShared(
  text: string,
  hidden: string,
  size: { readonly window: number; readonly shortest: number },
  mark: string,
): string {
  if (hidden.length < size.window) return hidden.length >= size.shortest ? text.replaceAll(hidden, mark) : text
  if (!mayShare(text, hidden, size.window)) return text
  let result = ''
  let position = 0
  while (position < text.length) {
    let end = position + size.window
    if (end > text.length || !hidden.includes(text.slice(position, end))) {
      result += text.charAt(position)
      position += 1
      continue
    }
    while (end < text.length && hidden.includes(text.slice(position, end + 1))) end += 1
    result += mark
    position = end
  }
  return result
}
