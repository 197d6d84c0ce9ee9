import type { RedactionCategory } from '@ctxlock/contracts/ports'

import { matchAt, startsToken, type Rule } from './rule.ts'
import { splitTokenAt } from './split-token.ts'
import { TOKEN_FORMATS } from './token-formats.ts'
import { isPlaceholder } from './value-shapes.ts'

const DETECTORS: Partial<Record<RedactionCategory, string>> = {
  api_key: 'secret_api_key',
  aws: 'secret_aws',
  private_key: 'secret_private_key',
  token: 'secret_token',
}

export const tokenRules: readonly Rule[] = TOKEN_FORMATS.map(({ category, prefix, rest }) => ({
  // An automaton takes white space at a trigger's end for any run of it, so it is left to the expression.
  triggers: [prefix.trimEnd().toLowerCase()],
  find(text, start) {
    if (!text.startsWith(prefix, start) || !startsToken(text, start)) return undefined
    const end = tokenEnd(text, start + prefix.length, rest)
    const place = splitToken(text, start, prefix, rest) ?? (end === undefined ? undefined : { start, end })
    return place && { category, detector_id: DETECTORS[category] ?? category, ...place }
  },
}))

function tokenEnd(text: string, from: number, rest: RegExp): number | undefined {
  const match = matchAt(rest, text, from)
  return match === undefined || isPlaceholder(match[0]) ? undefined : from + match[0].length
}

function splitToken(
  text: string,
  at: number,
  prefix: string,
  rest: RegExp,
): { start: number; end: number } | undefined {
  const split = splitTokenAt(text, at)
  if (!split?.text.startsWith(prefix) || tokenEnd(split.text, prefix.length, rest) !== split.text.length)
    return undefined
  return { start: split.start, end: split.end }
}

interface InnerToken {
  readonly mark: string
  /** What must stand directly before the mark. */
  readonly before: RegExp
  readonly rest: RegExp
  readonly category: RedactionCategory
}

/** Tokens whose telling part stands in the middle. */
const INNER: readonly InnerToken[] = [
  // Terraform Cloud, Mailchimp, Azure, Telegram, Azure DevOps, MaxMind, Firebase.
  { mark: '.atlasv1.', before: /[A-Za-z0-9]{14}$/, rest: /[A-Za-z0-9_-]{40,128}/y, category: 'token' },
  { mark: '-us', before: /(?<![0-9a-f])[0-9a-f]{32}$/, rest: /\d{1,2}(?!\w)/y, category: 'api_key' },
  {
    mark: 'Q~',
    before: /[A-Za-z0-9_~.]{3}\d$/,
    rest: /[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])/y,
    category: 'token',
  },
  { mark: ':AA', before: /(?<!\d)\d{8,10}$/, rest: /[A-Za-z0-9_-]{30,40}/y, category: 'token' },
  {
    mark: 'AZDO',
    before: /(?<![A-Za-z0-9])[A-Za-z0-9]{76}$/,
    rest: /[A-Za-z0-9]{4}(?![A-Za-z0-9])/y,
    category: 'token',
  },
  {
    mark: '_mmk',
    before: /(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}$/,
    rest: /(?![A-Za-z0-9])/y,
    category: 'api_key',
  },
  { mark: ':APA91b', before: /[A-Za-z0-9_-]{11}$/, rest: /[A-Za-z0-9_-]{100,200}/y, category: 'api_key' },
  // Keys of Azure say in four letters which service they open.
  ...['+ASt', 'ACDb', 'APIM', '+ABa'].map((mark) => azure(mark, /[A-Za-z0-9+/]{76}$/, /[A-Za-z0-9+/]{6}==/y)),
  ...['+ASb', '+AEh', '+ARm', 'AIoT', 'AzCa'].map((mark) => azure(mark, /[A-Za-z0-9+/]{33}$/, /[A-Za-z0-9+/]{6}=/y)),
  azure('AzCa', /[A-Za-z0-9]{33}$/, /[A-Za-z0-9]{6,7}(?![A-Za-z0-9+/=])/y),
  azure('AzFu', /[A-Za-z0-9_-]{44}$/, /[A-Za-z0-9_-]{4,6}==/y),
  azure('AzSe', /[A-Za-z0-9]{42}$/, /[A-Za-z0-9]{6}(?![A-Za-z0-9+/=])/y),
  azure('+ACR', /[A-Za-z0-9+/]{42}$/, /[A-Za-z0-9+/]{6}(?![A-Za-z0-9+/=])/y),
  azure('JQQJ9', /[A-Za-z0-9]{52}$/, /[9DH][A-Za-z0-9]{23,26}(?![A-Za-z0-9+/])/y),
]

function azure(mark: string, before: RegExp, rest: RegExp): InnerToken {
  return { mark, before, rest, category: 'api_key' }
}

/** One unit more than the longest of `before`. */
const LONGEST_BEFORE = 77

const DISCORD_SECONDS = 6
const DISCORD_ACCOUNT = /(?<![A-Za-z0-9_.-])[MNO][A-Za-z0-9_-]{22,27}$/
const DISCORD_REST = /[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?![A-Za-z0-9_-])/y

/** The token of a Discord bot: an account in base64, seconds, a signature. */
const discordRule: Rule = {
  triggers: ['.'],
  find(text, start, end) {
    // Text is full of full stops; nearly none has another one at this distance.
    if (text.charAt(end + DISCORD_SECONDS) !== '.') return undefined
    const rest = matchAt(DISCORD_REST, text, end)
    const account = rest && DISCORD_ACCOUNT.exec(text.slice(Math.max(0, start - 30), start))
    if (!rest || !account) return undefined
    return {
      category: 'token',
      detector_id: 'secret_token',
      start: start - account[0].length,
      end: end + rest[0].length,
    }
  },
}

const innerRules: readonly Rule[] = INNER.map(({ mark, before, rest, category }) => ({
  triggers: [mark.toLowerCase()],
  find(text, start, end) {
    if (!text.startsWith(mark, start)) return undefined
    const left = before.exec(text.slice(Math.max(0, start - LONGEST_BEFORE), start))
    const match = left && matchAt(rest, text, end)
    if (!left || !match) return undefined
    const detector_id = DETECTORS[category] ?? category
    return { category, detector_id, start: start - left[0].length, end: end + match[0].length }
  },
}))

export const innerTokenRules: readonly Rule[] = [...innerRules, discordRule]
