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
  let shown = maskShared(plain, keyOf(secrets.secret), { window: 6, shortest: 1 }, SECRET_MARK)
  for (const shape of SECRET_SHAPES) shown = shown.replace(shape, SECRET_MARK)
  for (const part of secrets.request) shown = maskShared(shown, part, { window: 16, shortest: 6 }, '[request text]')
  const oneLine = shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim()
  return Array.from(oneLine).slice(0, MAX_CODE_POINTS).join('')
}

function keyOf(secret: SecretHolder): string {
  try {
    return secret.present ? secret.bearer().replace(/^Bearer /, '') : ''
  } catch {
    return '' // A secret that cannot be read was not sent either.
  }
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
